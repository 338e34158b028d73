namespace Mixtures

open System

/// Components made of different families on different columns, independent given the component.
[<RequireQualifiedAccess>]
module Product =

    /// Families that treat every column alike may hold several columns in one part.
    let private joins (family: IComponentFamily) =
        family.Structure = "independent"
        || (family.Name = "gaussian" && family.Structure = "diagonal")

    /// The family of components with a family for each group of columns. A group is one column, or several that a family
    /// has together (a Gaussian with full covariance, say); the columns are matched to data by name.
    let familyOf (groups: (string list * IComponentFamily) list) : IComponentFamily =
        if groups.IsEmpty then
            invalidArg (nameof groups) "expected at least one column, received none"

        let names = groups |> List.collect fst |> List.toArray
        ColumnNames.check names names.Length |> ignore

        // groups of one column with the same family become one part
        let parts = ResizeArray<ProductPart>()
        let mutable position = 0

        for columns, family in groups do
            match family with
            | :? NoiseFamily ->
                invalidArg (nameof groups) "expected families without noise: the whole product has noise, or nothing"
            | _ -> ()

            let own = [| position .. position + columns.Length - 1 |]
            position <- position + columns.Length

            let same =
                parts.FindIndex(fun p -> obj.ReferenceEquals(p.Family, family) && joins family)

            if same >= 0 then
                parts[same] <-
                    { parts[same] with
                        Columns = Array.append parts[same].Columns own
                    }
            else
                parts.Add { Columns = own; Family = family }

        ProductFamily.Of(parts.ToArray(), ValueSome names)

    /// Specifies a mixture of so many components with a family for each column, by the column's name.
    let spec (columns: (string * IComponentFamily) list) (components: int) : MixtureSpec =
        MixtureSpec.Create(familyOf (columns |> List.map (fun (name, family) -> [ name ], family)), components)

    /// The parts of a mixture: the names of their columns, and a mixture of these columns alone.
    let parts (mixture: Mixture) : (string[] * Mixture)[] =
        match mixture.Components with
        | :? ProductComponents as c ->
            Array.map2
                (fun (own: int[]) components ->
                    let names = own |> Array.map (fun i -> mixture.ColumnNames[i])
                    names, Mixture(mixture.Weights, components, Some names))
                c.Columns
                c.Parts
        | _ -> invalidArg (nameof mixture) $"expected a product, received the {mixture.Family.Name} family"
