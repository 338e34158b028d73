module Mixtures.Tests.OptimiserTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.OptimiserReferenceTests

/// Catches buffers that a step reuses: a state is a value.
[<Fact>]
let ``stepping twice from one state gives the same twice and changes nothing given`` () =
    for name, optimiser, _ in torch do
        let x = Array.copy start
        let g = gradient start
        let struct (x1, state) = optimiser.Step g (optimiser.Init x) x
        let g1 = gradient x1
        let struct (first, _) = optimiser.Step g1 state x1
        let kept = Array.copy first
        let struct (_, later) = optimiser.Step (gradient first) state x1
        optimiser.Step (gradient first) later first |> ignore
        let struct (second, _) = optimiser.Step g1 state x1
        Assert.True((kept = second && kept = first), name)
        Assert.True((x = start && g = gradient start), name)

/// So many pure steps.
let private pureSteps count (gradient: float[] -> float[]) (start: float[]) (optimiser: Optimiser) =
    let mutable parameters = start
    let mutable state = optimiser.Init start

    for _ in 1..count do
        let struct (moved, next) = optimiser.Step (gradient parameters) state parameters
        parameters <- moved
        state <- next

    Assert.Equal(count, state.Steps)
    parameters

/// Previous gradients added up, by a transform that a user might write, which keeps the very gradient it was given.
let private custom =
    GradientTransform.create "mine" (fun x -> [| Array.zeroCreate x.Length |]) (fun step g x vectors ->
        if step = 0 then
            struct (g, [| g |])
        else
            struct (Array.map2 (+) g vectors[0], [| g |]))

/// Catches runs in place whose numbers are not those of pure steps, and arrays that both share.
[<Fact>]
let ``runs in place give the bits of pure steps`` () =
    let chained =
        Optimiser.chain
            [
                GradientTransform.ridge 0.1
                custom
                Clip.byNorm 2.0
                RmsProp.transform { RmsProp.defaults with Momentum = 0.5 }
            ]

    let free = [| true; false; true; true; true; false; true |]

    for optimiser in
        [
            yield! torch |> List.map (fun (_, optimiser, _) -> optimiser)
            yield chained
            yield Optimiser.masked free chained
        ] do
        let run = optimiser.Begin start
        Assert.Equal<float[]>(start, run.Parameters)

        for i in 1..20 do
            run.Step(gradient run.Parameters)
            Assert.Equal<float[]>(optimiser |> pureSteps i gradient start, run.Parameters)

        Assert.Equal(20, run.Steps)
        let before = Array.copy run.Parameters

        Assert.ThrowsAny<ArgumentException>(fun () -> run.Step(Array.create 7 nan))
        |> ignore

        Assert.Equal<float[]>(before, run.Parameters)

    let wild = (Sgd.create { Sgd.defaults with Rate = rate 1e200 }).Begin [| 1.0 |]
    Assert.ThrowsAny<ArgumentException>(fun () -> wild.Step [| 1e200 |]) |> ignore
    Assert.Equal<float[]>([| 1.0 |], wild.Parameters)

/// Catches a scale that leaks into Adam's steps: they do not depend on the gradient's units, up to epsilon.
[<Fact>]
let ``Adam does not see the scale of the gradient`` () =
    forSeeds 30 (fun stream ->
        let scale = exp (5.0 * stream.NextNormal())

        let optimiser =
            Adam.create
                { Adam.defaults with
                    Rate = rate 0.1
                    Epsilon = 1e-30
                }

        let scaled =
            optimiser |> Optimiser.iterate 20 (gradient >> Array.map ((*) scale)) start

        close 1e-9 (optimiser |> Optimiser.iterate 20 gradient start) scaled)

/// Catches a momentum of 0 that is not plain descent, and a decay of 0 that is not Adam.
[<Fact>]
let ``plain descent is x - rate g`` () =
    forSeeds 30 (fun stream ->
        let x = Array.init (between 1 40 stream) (fun _ -> stream.NextNormal())
        let g = x |> Array.map (fun _ -> stream.NextNormal())
        let optimiser = Sgd.create { Sgd.defaults with Rate = rate 0.3 }
        let struct (moved, _) = optimiser.Step g (optimiser.Init x) x
        Assert.Equal<float[]>(Array.map2 (fun x g -> x + -0.3 * g) x g, moved))

/// Catches a norm of each part instead of the whole, clipping where none is needed, and norms that overflow.
[<Fact>]
let ``clipping shortens long gradients only, at any magnitude`` () =
    let clip limit g =
        let transform = Clip.byNorm limit
        let struct (clipped, _) = transform.Update(g, transform.Init g, g)
        clipped

    close 1e-15 [| 0.6; -0.8 |] (clip 1.0 [| 3.0; -4.0 |])
    Assert.Equal<float[]>([| 3.0; -4.0 |], clip 5.0 [| 3.0; -4.0 |])
    close 1e-15 [| 0.6; -0.8 |] (clip 1.0 [| 3e200; -4e200 |])
    let struct (third, half) = struct (1.0 / sqrt 3.0, 0.5)
    close 1e-15 (Array.create 3 third) (clip 1.0 (Array.create 3 1.7e308))
    close 1e-15 [| 3e-200 |] (clip 1.0 [| 3e-200 |])
    let byValue = Clip.byValue half

    let struct (clipped, _) =
        byValue.Update([| 3.0; -0.7; 0.2 |], byValue.Init start, start)

    Assert.Equal<float[]>([| 0.5; -0.5; 0.2 |], clipped)

/// Catches a chain in the wrong order, or one whose parts do not each keep their own state.
[<Fact>]
let ``a chain is its parts one after the other`` () =
    let adam = Adam.create { Adam.defaults with Rate = rate 0.1 }

    let clipped =
        Optimiser.chain [ Clip.byNorm 1.0; Adam.transform { Adam.defaults with Rate = rate 0.1 } ]

    let shorten (g: float[]) =
        let norm = g |> Array.sumBy (fun g -> g * g) |> sqrt
        if norm > 1.0 then g |> Array.map (fun g -> g / norm) else g

    close
        1e-13
        (adam |> Optimiser.iterate 10 (gradient >> shorten) start)
        (clipped |> Optimiser.iterate 10 gradient start)

    let climbing =
        Optimiser.chain
            [
                GradientTransform.scale -1.0
                Adam.transform { Adam.defaults with Rate = rate 0.1 }
            ]

    close
        1e-13
        (adam |> Optimiser.iterate 10 gradient start)
        (climbing |> Optimiser.iterate 10 (gradient >> Array.map (~-)) start)

/// Catches frozen parameters that move (by decay, too), or that are counted in a norm.
[<Fact>]
let ``frozen parameters keep their bits and do not count`` () =
    let free = [| true; false; true; false; false; true; true |]

    let inner =
        Optimiser.chain [ Clip.byNorm 0.5; Adam.transform { Adam.decoupled with Rate = rate 0.1 } ]

    let poisoned x =
        gradient x |> Array.mapi (fun i g -> if free[i] then g else nan)

    let whole = inner |> Optimiser.masked free |> Optimiser.iterate 10 poisoned start

    let alone =
        inner
        |> Optimiser.iterate
            10
            (fun x -> Mask.gather free (gradient (Mask.scatter free start x)))
            (Mask.gather free start)

    Assert.Equal<float[]>(Mask.scatter free start alone, whole)

    for i in 0..6 do
        Assert.Equal(free[i], (whole[i] <> start[i]))

let private fails (name: string) (part: string) (action: unit -> unit) =
    let error = Assert.ThrowsAny<ArgumentException>(Action action)
    Assert.Equal(name, error.ParamName)
    Assert.Contains(part, error.Message)
    Assert.Contains("expected", error.Message)
    Assert.Contains("received", error.Message)

/// Catches options that are taken although no step with them makes sense.
[<Fact>]
let ``options out of range are told by name`` () =
    for bad in [ 0.0; -1.0; nan; infinity ] do
        fails "rate" "greater than 0" (fun () -> Schedule.constant bad |> ignore)

        fails "Rate" "greater than 0" (fun () ->
            Adam.create
                { Adam.defaults with
                    Rate = fun _ -> bad
                }
            |> ignore)

        fails "Rate" "greater than 0" (fun () ->
            Sgd.create
                { Sgd.defaults with
                    Rate = fun _ -> bad
                }
            |> ignore)

        fails "Rate" "greater than 0" (fun () ->
            RmsProp.create
                { RmsProp.defaults with
                    Rate = fun _ -> bad
                }
            |> ignore)

        fails "Epsilon" "greater than 0" (fun () -> Adam.create { Adam.defaults with Epsilon = bad } |> ignore)
        fails "Epsilon" "greater than 0" (fun () -> RmsProp.create { RmsProp.defaults with Epsilon = bad } |> ignore)
        fails "limit" "greater than 0" (fun () -> Clip.byNorm bad |> ignore)
        fails "limit" "greater than 0" (fun () -> Clip.byValue bad |> ignore)

    for bad in [ -0.1; 1.0; nan; infinity ] do
        fails "Beta1" "less than 1" (fun () -> Adam.create { Adam.defaults with Beta1 = bad } |> ignore)
        fails "Beta2" "less than 1" (fun () -> Adam.create { Adam.defaults with Beta2 = bad } |> ignore)
        fails "Momentum" "less than 1" (fun () -> Sgd.create { Sgd.defaults with Momentum = bad } |> ignore)
        fails "Momentum" "less than 1" (fun () -> RmsProp.create { RmsProp.defaults with Momentum = bad } |> ignore)
        fails "Decay" "less than 1" (fun () -> RmsProp.create { RmsProp.defaults with Decay = bad } |> ignore)

    fails "Decay" "-1" (fun () -> Adam.create { Adam.defaults with Decay = -1.0 } |> ignore)
    fails "Momentum" "received 0" (fun () -> Sgd.create { Sgd.defaults with Nesterov = true } |> ignore)
    fails "transforms" "none" (fun () -> Optimiser.chain [] |> ignore)
    fails "free" "free" (fun () -> Adam.create Adam.defaults |> Optimiser.masked [| false; false |] |> ignore)

/// Catches inputs of a step that would become silent nonsense.
[<Fact>]
let ``steps refuse what they cannot use`` () =
    for name, optimiser, _ in torch do
        let state = optimiser.Init start
        let g = gradient start

        let with' value =
            g |> Array.mapi (fun i g -> if i = 5 then value else g)

        fails "gradient" "7" (fun () -> optimiser.Step g[..5] state start |> ignore)
        fails "parameters" "7" (fun () -> optimiser.Step g state start[..5] |> ignore)
        fails "gradient" "NaN at index 5" (fun () -> optimiser.Step (with' nan) state start |> ignore)
        fails "gradient" "index 5" (fun () -> optimiser.Step (with' -infinity) state start |> ignore)
        fails "parameters" "none" (fun () -> optimiser.Init [||] |> ignore)
        fails "parameters" "NaN" (fun () -> optimiser.Init [| 1.0; nan |] |> ignore)

        if not (name.StartsWith "SGD") then
            fails "gradient" "1e150" (fun () -> optimiser.Step (with' 1e200) state start |> ignore)

    let wild = Sgd.create { Sgd.defaults with Rate = rate 1e200 }
    fails "gradient" "lower the rate" (fun () -> wild.Step [| 1e200 |] (wild.Init [| 0.0 |]) [| 0.0 |] |> ignore)

    let later =
        Sgd.create
            { Sgd.defaults with
                Rate = fun step -> if step = 3 then nan else 0.1
            }

    fails "Rate" "step 3" (fun () -> later |> Optimiser.iterate 10 gradient start |> ignore)
    let adam = Adam.create Adam.defaults
    let rms = RmsProp.create RmsProp.defaults
    fails "state" "adam" (fun () -> rms.Step (gradient start) (adam.Init start) start |> ignore)
