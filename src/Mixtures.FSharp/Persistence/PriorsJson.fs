namespace Mixtures

open System
open System.Text.Json

/// Priors as JSON: an object of weights and of parameters by their names, each with one distribution and its arguments by
/// name. Numbers may be lists, which broadcast with the parameter: one number a column, K lists of one a component.
[<RequireQualifiedAccess>]
module internal PriorsJson =

    open JsonElements

    /// What an argument's value is.
    [<RequireQualifiedAccess>]
    type private Kind =
        | Number
        | PositiveNumber
        | Vector
        | PositiveVector
        /// A symmetric positive definite matrix, which distributions take by its lower Cholesky factor.
        | Matrix

    [<NoEquality; NoComparison>]
    type private Form =
        {
            Name: string
            Arguments: (string * Kind) list
            Make: Tensor[] -> IDistribution
        }

    let private form name arguments make =
        {
            Name = name
            Arguments = arguments
            Make = make
        }

    let private one make (p: Tensor[]) : IDistribution = make p[0]
    let private two make (p: Tensor[]) : IDistribution = make p[0] p[1]
    let private three make (p: Tensor[]) : IDistribution = make p[0] p[1] p[2]
    let private four make (p: Tensor[]) : IDistribution = make p[0] p[1] p[2] p[3]

    /// The distributions that files can hold, with their arguments in the order of the distribution's parameters.
    let private forms =
        [
            form "normal" [ "mean", Kind.Number; "sd", Kind.PositiveNumber ] (two Normal.distribution)
            form "half_normal" [ "sd", Kind.PositiveNumber ] (one HalfNormal.distribution)
            form "log_normal" [ "location", Kind.Number; "scale", Kind.PositiveNumber ] (two LogNormal.distribution)
            form "gamma" [ "shape", Kind.PositiveNumber; "rate", Kind.PositiveNumber ] (two Gamma.distribution)
            form
                "inverse_gamma"
                [ "shape", Kind.PositiveNumber; "scale", Kind.PositiveNumber ]
                (two InverseGamma.distribution)
            form "exponential" [ "rate", Kind.PositiveNumber ] (one Exponential.distribution)
            form "half_cauchy" [ "scale", Kind.PositiveNumber ] (one HalfCauchy.distribution)
            form
                "student_t"
                [
                    "degrees_of_freedom", Kind.PositiveNumber
                    "location", Kind.Number
                    "scale", Kind.PositiveNumber
                ]
                (three StudentT.distribution)
            form "beta" [ "a", Kind.PositiveNumber; "b", Kind.PositiveNumber ] (two Beta.distribution)
            form "uniform" [ "low", Kind.Number; "high", Kind.Number ] (two Uniform.distribution)
            form "weibull" [ "shape", Kind.PositiveNumber; "scale", Kind.PositiveNumber ] (two Weibull.distribution)
            form
                "von_mises"
                [ "location", Kind.Number; "concentration", Kind.PositiveNumber ]
                (two VonMises.distribution)
            form "dirichlet" [ "concentrations", Kind.PositiveVector ] (one Dirichlet.distribution)
            form
                "wishart"
                [ "degrees_of_freedom", Kind.PositiveNumber; "scale", Kind.Matrix ]
                (two Wishart.distribution)
            form
                "inverse_wishart"
                [ "degrees_of_freedom", Kind.PositiveNumber; "scale", Kind.Matrix ]
                (two InverseWishart.distribution)
            form
                "normal_inverse_wishart"
                [
                    "mean", Kind.Vector
                    "strength", Kind.PositiveNumber
                    "degrees_of_freedom", Kind.PositiveNumber
                    "scale", Kind.Matrix
                ]
                (four NormalInverseWishart.distribution)
        ]

    /// The names of the distributions that files can hold.
    let distributions = forms |> List.map _.Name

    /// A number, or lists of the same length of the same.
    let rec private tensor where (element: JsonElement) : Tensor =
        if element.ValueKind = JsonValueKind.Array then
            let parts = items where element |> Array.map (tensor where)

            if parts.Length = 0 then
                fail $"Expected numbers in '{where}', received an empty list."

            for part in parts do
                if not (Shape.equal part.Dims parts[0].Dims) then
                    fail $"Expected lists of one length in '{where}', received different ones."

            Tensor.stack 0 (Array.toList parts)
        else
            match element.ValueKind with
            | JsonValueKind.Number -> Tensor.scalar (number where element)
            | _ -> fail $"Expected a number, or a list of numbers, in '{where}', received {kind element}."

    let private positive where (values: Tensor) =
        for value in values.ToArray() do
            if not (value > 0.0) then
                fail $"Expected numbers above 0 in '{where}', received {Wording.number value}."

    let private factor where (matrices: Tensor) : Tensor =
        let rank = matrices.Rank

        if rank < 2 || matrices.Dims[rank - 1] <> matrices.Dims[rank - 2] then
            fail $"Expected a square matrix, a list of rows, in '{where}', received shape {Shape.text matrices.Dims}."

        let transposed = (Tensor.transpose matrices).ToArray()

        let same =
            Array.forall2
                (fun (a: float) b -> abs (a - b) <= 1e-8 * max (abs a) (abs b))
                (matrices.ToArray())
                transposed

        let refuse () =
            fail $"Expected a symmetric positive definite matrix in '{where}', received one that is not."

        if not same then
            refuse ()
        else
            try
                Tensor.cholesky matrices
            with :? ArgumentException ->
                refuse ()

    let private argument where (wanted: Kind) (element: JsonElement) : Tensor =
        let value = tensor where element

        match wanted with
        | Kind.Number -> value
        | Kind.PositiveNumber ->
            positive where value
            value
        | Kind.Vector
        | Kind.PositiveVector ->
            if value.Rank < 1 then
                fail $"Expected a list of numbers in '{where}', received {kind element}."

            if wanted = Kind.PositiveVector then
                positive where value

            value
        | Kind.Matrix -> factor where value

    /// The properties of an object, each once.
    let private properties where (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.Object then
            fail $"Expected an object in '{where}', received {kind element}."

        let all =
            [ for property in element.EnumerateObject() -> property.Name, property.Value ]

        match all |> List.countBy fst |> List.tryFind (fun (_, count) -> count > 1) with
        | Some(name, count) -> fail $"Expected '{name}' once in '{where}', received it {count} times."
        | None -> all

    /// The one distribution that an object names, with its value.
    let private only where (element: JsonElement) =
        match properties where element with
        | [ one ] -> one
        | several ->
            fail
                $"""Expected one distribution in '{where}', such as {{"normal": {{"mean": 0, "sd": 10}}}}, received {several.Length}."""

    let private distribution where (element: JsonElement) : IDistribution =
        let name, value = only where element

        let form =
            match forms |> List.tryFind (fun form -> form.Name = name) with
            | Some form -> form
            | None ->
                let known = String.concat ", " distributions
                fail $"Expected one of the distributions {known} in '{where}', received '{name}'."

        let inside = $"{where}.{name}"
        let names = form.Arguments |> List.map fst |> String.concat ", "

        let given =
            match form.Arguments with
            // {"exponential": 1}
            | [ own, _ ] when value.ValueKind <> JsonValueKind.Object -> [ own, value ]
            | _ -> properties inside value

        for own, _ in given do
            if not (List.exists (fun (argument, _) -> argument = own) form.Arguments) then
                fail $"Expected the arguments {names} in '{inside}', received '{own}'."

        let values =
            [|
                for own, kind in form.Arguments do
                    match given |> List.tryFind (fun (given, _) -> given = own) with
                    | Some(_, value) -> argument $"{inside}.{own}" kind value
                    | None -> fail $"Expected the arguments {names} in '{inside}', there is no '{own}'."
            |]

        try
            form.Make values
        with :? ArgumentException as e ->
            fail $"{Wording.sentence e}, in '{inside}'."

    let private weights where (element: JsonElement) : WeightsPrior =
        let name, value = only where element
        let inside = $"{where}.{name}"

        // {"dirichlet": {"concentrations": 2}} is the same as {"dirichlet": 2}
        let unwrap own =
            if value.ValueKind = JsonValueKind.Object then
                match properties inside value with
                | [ given, value ] when given = own -> value
                | _ -> fail $"Expected '{own}' alone in '{inside}', received {value.GetRawText()}."
            else
                value

        match name with
        | "dirichlet" ->
            let values = tensor inside (unwrap "concentrations")

            if values.Rank > 1 then
                fail $"Expected one concentration, or one a component, in '{inside}', received a list of lists."

            positive inside values
            Dirichlet(values.ToArray())
        | "dirichlet_process" ->
            let value = number inside (unwrap "concentration")
            positive inside (Tensor.scalar value)
            DirichletProcess value
        | _ -> fail $"Expected dirichlet or dirichlet_process in '{where}', received '{name}'."

    /// The priors of an object, which is named where in errors; raises DataException that tells what is wrong, and where.
    let read (where: string) (element: JsonElement) : Priors =
        let all = properties where element

        let given =
            all |> List.filter (fun (_, value) -> value.ValueKind <> JsonValueKind.Null)

        {
            Weights =
                given
                |> List.tryFind (fun (name, _) -> name = "weights")
                |> Option.map (fun (_, value) -> weights $"{where}.weights" value)
                |> Option.defaultValue Flat
            Parameters =
                [
                    for name, value in given do
                        if name <> "weights" then
                            name, distribution $"{where}.{name}" value
                ]
        }

    let private formOf (prior: IDistribution) =
        let name = prior.Name.Replace('-', '_')
        forms |> List.tryFind (fun form -> form.Name = name)

    /// Whether files can hold the distribution.
    let canHold (prior: IDistribution) = (formOf prior).IsSome

    let private writeTensor (writer: Utf8JsonWriter) (value: Tensor) =
        let numbers = value.ToArray()

        let rec write axis start length =
            if axis = value.Rank then
                writer.WriteNumberValue numbers[start]
            else
                let step = length / value.Dims[axis]
                writer.WriteStartArray()

                for i in 0 .. value.Dims[axis] - 1 do
                    write (axis + 1) (start + i * step) step

                writer.WriteEndArray()

        write 0 0 numbers.Length

    /// L Lᵀ, the same on both sides of the diagonal to the last bit.
    let private product (factor: Tensor) : Tensor =
        let square = Tensor.matmul factor (Tensor.transpose factor)
        0.5 * (square + Tensor.transpose square)

    let private writeDistribution (writer: Utf8JsonWriter) (form: Form) (prior: IDistribution) =
        writer.WriteStartObject()
        writer.WriteStartObject form.Name

        for (name, kind), value in List.zip form.Arguments (Array.toList prior.Parameters) do
            writer.WritePropertyName name

            match kind with
            | Kind.Matrix -> writeTensor writer (product (value.Detach()))
            | _ -> writeTensor writer value

        writer.WriteEndObject()
        writer.WriteEndObject()

    /// The priors as an object. Distributions that files cannot hold are left out.
    let write (writer: Utf8JsonWriter) (priors: Priors) =
        writer.WriteStartObject()

        match priors.Weights with
        | Flat -> ()
        | Dirichlet concentrations ->
            writer.WriteStartObject "weights"
            writer.WritePropertyName "dirichlet"

            match concentrations with
            | [| one |] -> writer.WriteNumberValue one
            | _ -> FamilyWriter.numbers writer (ReadOnlySpan concentrations)

            writer.WriteEndObject()
        | DirichletProcess concentration ->
            writer.WriteStartObject "weights"
            writer.WriteNumber("dirichlet_process", concentration)
            writer.WriteEndObject()

        for name, prior in priors.Parameters do
            match formOf prior with
            | Some form ->
                writer.WritePropertyName name
                writeDistribution writer form prior
            | None -> ()

        writer.WriteEndObject()
