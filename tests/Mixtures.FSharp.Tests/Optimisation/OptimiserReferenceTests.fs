/// Optimisers against PyTorch, and the problem on which they are compared.
module Mixtures.Tests.OptimiserReferenceTests

open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

// f = ½ Σ h (x - c)² + Σ sin x from s: seven parameters, so that vectors and the rest behind them are both at work.
let private centre = [| 1.0; -2.0; 0.5; 3.0; -0.25; 10.0; 0.0 |]
let private curvature = [| 1.0; 4.0; 0.1; 2.0; 30.0; 0.01; 1.0 |]
let start = [| 0.3; -1.2; 2.0; 0.0; 1.0; -5.0; 0.7 |]

let gradient (x: float[]) =
    x |> Array.mapi (fun i x -> curvature[i] * (x - centre[i]) + cos x)

let close tolerance (expected: float[]) (actual: float[]) =
    Assert.Equal(expected.Length, actual.Length)

    for i in 0 .. expected.Length - 1 do
        near tolerance (max 1.0 (abs expected[i])) expected[i] actual[i] $"parameter {i}"

let rate value = Schedule.constant value

/// Five steps of each optimiser from the start above by PyTorch 1.13 (torch.optim, float64, the options given here).
let torch: (string * Optimiser * float[]) list =
    [
        "SGD",
        Sgd.create { Sgd.defaults with Rate = rate 0.02 },
        [|
            0.275182976637315
            -1.492221177164024
            2.0274865488107
            0.4642155130040452
            -0.2691342049401736
            -5.013882629781296
            0.5557832878115075
        |]
        "SGD, momentum",
        Sgd.create
            {
                Rate = rate 0.02
                Momentum = 0.9
                Nesterov = false
            },
        [|
            0.2351221118383529
            -1.934301513809871
            2.072651360722432
            1.209056075967327
            -0.5482291118667879
            -5.036731657071482
            0.3224810959743495
        |]
        "SGD, Nesterov",
        Sgd.create
            {
                Rate = rate 0.02
                Momentum = 0.9
                Nesterov = true
            },
        [|
            0.21899613481493538
            -1.9885509970328028
            2.095577391054384
            1.4686387095844866
            -0.20442383822973378
            -5.048566335724574
            0.22471738533464372
        |]
        "SGD, weight_decay 0.1",
        Optimiser.chain
            [
                GradientTransform.ridge 0.1
                Sgd.transform { Sgd.defaults with Rate = rate 0.02 }
            ],
        [|
            0.27237879292723544
            -1.4812652685582532
            2.006804807300391
            0.46235854218802774
            -0.26853464586156767
            -4.96209627447769
            0.5495044998099197
        |]
        "Adam",
        Adam.create { Adam.defaults with Rate = rate 0.1 },
        [|
            -0.11758582710610971
            -1.6860428343472886
            2.5005913538464846
            0.4979916401818635
            0.5053455371606869
            -5.492137369581486
            0.20178753972416774
        |]
        "Adam, betas 0.5 and 0.9, epsilon 1e-3",
        Adam.create
            {
                Rate = rate 0.1
                Beta1 = 0.5
                Beta2 = 0.9
                Epsilon = 1e-3
                Decay = 0.0
            },
        [|
            -0.044366270462769836
            -1.6577886401724697
            2.529797951886852
            0.49152314475125625
            0.5195881021718519
            -5.54103019248703
            0.208092325926173
        |]
        "AdamW, weight_decay 0.05",
        Adam.create
            { Adam.decoupled with
                Rate = rate 0.1
                Decay = 0.05
            },
        [|
            -0.11824191810036142
            -1.6529970295874332
            2.446550515774059
            0.49303695168015266
            0.48590137839851655
            -5.367019806894326
            0.18951225696722962
        |]
        "RMSprop",
        RmsProp.create RmsProp.defaults,
        [|
            0.05463600019446374
            -1.4941369416403212
            2.3638250605770708
            0.31708741665427065
            0.691246686651496
            -5.391844884863642
            0.3816109858321601
        |]
        "RMSprop, alpha 0.9, momentum 0.8",
        RmsProp.create
            { RmsProp.defaults with
                Decay = 0.9
                Momentum = 0.8
            },
        [|
            0.05731073313604051
            -1.4571590006869677
            2.283157465047661
            0.2646155515178422
            0.7380995341636476
            -5.297717147998422
            0.43467210533678974
        |]
        "RMSprop, centred, alpha 0.9, momentum 0.8, epsilon 1e-6",
        RmsProp.create
            { RmsProp.defaults with
                Decay = 0.9
                Momentum = 0.8
                Centred = true
                Epsilon = 1e-6
            },
        [|
            0.03387925147367719
            -1.4867920850149041
            2.3203913664667297
            0.2969771446336666
            0.70670513028481
            -5.336779124193144
            0.4021351374892101
        |]
        "Adam, StepLR by 0.5 every 2",
        Adam.create
            { Adam.defaults with
                Rate = Schedule.stepDecay 0.5 2 0.1
            },
        [|
            -0.0029763410358077946
            -1.5206177611213685
            2.3251835312318425
            0.32428710145993755
            0.6767763298931542
            -5.321042305861173
            0.37555901173827255
        |]
        "Adam, ExponentialLR by 0.8",
        Adam.create
            { Adam.defaults with
                Rate = Schedule.exponential 0.8 1 0.1
            },
        [|
            -0.011893871639386665
            -1.5312702896415653
            2.3366237743724487
            0.3353525441949858
            0.6658396015336683
            -5.332548529748139
            0.3644779062690285
        |]
        "Adam, CosineAnnealingLR over 5 to 0.01",
        Adam.create
            { Adam.defaults with
                Rate = Schedule.cosine 5 0.01 0.1
            },
        [|
            0.00010420340680398002
            -1.5159069885839451
            2.320131561265022
            0.31932838632079336
            0.6816668592936774
            -5.316035553022871
            0.3805224118775834
        |]
    ]

/// Catches a wrong order of operations, a missing bias correction, a momentum with the rate inside, vectors and their
/// remainder that differ, a schedule that is a step late.
[<Fact>]
let ``five steps are those of PyTorch`` () =
    for name, optimiser, expected in torch do
        let actual = optimiser |> Optimiser.iterate 5 gradient start

        try
            close 1e-13 expected actual
        with e ->
            Assert.Fail $"{name}: {e.Message}"

/// Catches Adam not in its published form: two steps by hand on one parameter, with gradients 2 and -1.
[<Fact>]
let ``two steps of Adam by hand`` () =
    let optimiser = Adam.create { Adam.defaults with Rate = rate 0.5 }
    let state0 = optimiser.Init [| 1.0 |]
    let struct (x1, state1) = optimiser.Step [| 2.0 |] state0 [| 1.0 |]
    let struct (x2, state2) = optimiser.Step [| -1.0 |] state1 x1
    // m₁ = 0.2, v₁ = 0.004, both corrected to 2 and 4
    close 1e-15 [| 1.0 - 0.5 * 2.0 / (2.0 + 1e-8) |] x1
    // m₂ = 0.9 · 0.2 - 0.1, v₂ = 0.999 · 0.004 + 0.001
    let mean = 0.08 / (1.0 - 0.81)
    let square = 0.004996 / (1.0 - 0.998001)
    close 1e-12 [| x1[0] - 0.5 * mean / (sqrt square + 1e-8) |] x2
    Assert.Equal(0, state0.Steps)
    Assert.Equal(2, state2.Steps)
