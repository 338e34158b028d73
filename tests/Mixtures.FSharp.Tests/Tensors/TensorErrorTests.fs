module Mixtures.Tests.TensorErrorTests

open System
open Xunit
open Mixtures

/// Each error names the function and the shapes.
let private refused (expected: string list) (action: unit -> Tensor) =
    let error = Assert.Throws<ArgumentException>(fun () -> action () |> ignore)

    for part in expected do
        Assert.Contains(part, error.Message)

let private a = Tensor.zeros [| 2; 3 |]
let private b = Tensor.zeros [| 4 |]

[<Fact>]
let ``Shapes that do not fit are refused by the function's name`` () =
    refused [ "add:"; "2 x 3"; "and 4" ] (fun () -> a + b)
    refused [ "matmul:"; "2 x 3 and 2 x 3" ] (fun () -> Tensor.matmul a a)
    refused [ "reshape:"; "6 elements"; "4 x 2" ] (fun () -> Tensor.reshape [| 4; 2 |] a)
    refused [ "sum:"; "axis 2" ] (fun () -> Tensor.sumOver [| 2 |] false a)
    refused [ "sum:"; "given twice" ] (fun () -> Tensor.sumOver [| 1; -1 |] false a)
    refused [ "concatenate:"; "2 x 3 and 4" ] (fun () -> Tensor.concatenate 0 [ a; b ])
    refused [ "stack:"; "none" ] (fun () -> Tensor.stack 0 [])
    refused [ "slice:"; "2 from 2" ] (fun () -> Tensor.slice 1 2 2 a)
    refused [ "select:"; "received 3" ] (fun () -> Tensor.select 1 3 a)
    refused [ "expand:"; "4"; "2 x 3" ] (fun () -> Tensor.expand [| 2; 3 |] b)

    refused [ "gather:"; "from 0 to 2"; "received 3" ] (fun () ->
        Tensor.gather 1 (Tensor.ofShape [| 1; 1 |] [| 3.0 |]) a)

    refused [ "gather:"; "whole numbers"; "0.5" ] (fun () -> Tensor.gather 1 (Tensor.ofShape [| 1; 1 |] [| 0.5 |]) a)
    refused [ "cholesky:"; "square matrices"; "2 x 3" ] (fun () -> Tensor.cholesky a)
    refused [ "squeeze:"; "size 1"; "2 x 3" ] (fun () -> Tensor.squeeze 0 a)
    refused [ "permute:"; "each of 2 axes once" ] (fun () -> Tensor.permute [| 0; 0 |] a)
    refused [ "ofArray:"; "6 numbers"; "received 5" ] (fun () -> Tensor.ofShape [| 2; 3 |] (Array.zeroCreate 5))

[<Fact>]
let ``Matrices that have no Cholesky factor are refused with their number`` () =
    let bad = Tensor.ofShape [| 2; 2; 2 |] [| 1.0; 0.0; 0.0; 1.0; 1.0; 2.0; 2.0; 1.0 |]
    refused [ "cholesky:"; "positive definite"; "matrix 1" ] (fun () -> Tensor.cholesky bad)
    let skew = Tensor.ofArray2D (array2D [ [ 1.0; 0.5 ]; [ 0.1; 1.0 ] ])
    refused [ "cholesky:"; "symmetric"; "0.1"; "0.5" ] (fun () -> Tensor.cholesky skew)

[<Fact>]
let ``The gradient of a function with several results is refused with the remedy`` () =
    refused [ "grad:"; "one number"; "2 x 3"; "jacobian" ] (fun () -> Tensor.grad Tensor.exp a)

[<Fact>]
let ``One number is read from one element only`` () =
    let error = Assert.Throws<ArgumentException>(fun () -> a.ToScalar() |> ignore)
    Assert.Contains("one element", error.Message)
