namespace Mixtures

/// Rows that keep to a component, by their labels.
[<RequireQualifiedAccess>]
module internal KnownComponents =

    /// What is wrong with the labels of data for so many components, if anything.
    let check (components: int) (data: Dataset) : string voption =
        match data.LabelsOption with
        | Some labels when labels.AreComponents && labels.ComponentNames.Count > components ->
            let names = labels.ComponentNames

            ValueSome
                $"""The label '{names[names.Count - 1]}' stands for component {names.Count}, but there {if components = 1 then "is" else "are"} {Wording.count components "component"}: ask for at least {names.Count}, or leave labels out."""
        | _ -> ValueNone
