(* Reads one claim a line, answers 1 (true by Bin.check, BinTail.lower_test) or 0 a line.
   Outside the proof.

   ATTACK RESIDUAL n k A B d certified r WORST      WORST: a number, or - for none
   ATTACK RESIDUAL n k A B d bounds
   ATTACK RESIDUAL n k A B d residual
   lower N x t d b e

   The bounds are p_l = A / d and p_s = B / d. The last kind says that t / d is the lower
   bound at the level b / e for x votes of N, on the grid of 1 / d. Numbers are hexadecimal
   digits, 0-9 a-f. Anything else ends the program with status 2 and the line's number. *)
open Extracted

exception Malformed of string

let digit = function
  | '0' .. '9' as c -> Char.code c - Char.code '0'
  | 'a' .. 'f' as c -> Char.code c - Char.code 'a' + 10
  | _ -> raise (Malformed "a number is not of the digits 0-9 a-f")

(* The digits of a number, the first one highest, one bit after another. *)
let number text =
  if text = "" then raise (Malformed "a number is empty");
  let append value bit = if bit then N.succ_double value else N.double value in
  let bits value c =
    let v = digit c in
    List.fold_left (fun value i -> append value (v lsr i land 1 = 1)) value [ 3; 2; 1; 0 ]
  in
  String.fold_left bits N0 text

let positive text =
  match number text with Npos p -> p | N0 -> raise (Malformed "the denominator is 0")

let attack = function
  | "any" -> Any
  | "modify" -> Modify
  | "delete" -> Delete
  | "insert" -> Insert
  | _ -> raise (Malformed "unknown attack")

let residual = function
  | "paper" -> Paper
  | "none" -> NoResidual
  | "integral" -> Integral
  | _ -> raise (Malformed "unknown residual")

let claim = function
  | [ "certified"; r; "-" ] -> Certified (number r, None)
  | [ "certified"; r; worst ] -> Certified (number r, Some (number worst))
  | [ "bounds" ] -> AbstainBounds
  | [ "residual" ] -> AbstainResidual
  | _ -> raise (Malformed "unknown claim")

let decide line =
  match String.split_on_char ' ' line with
  | [ "lower"; votes; x; t; d; b; e ] ->
      BinTail.lower_test (number votes) (number x) (number t) (positive d) (number b) (positive e)
  | a :: e :: n :: k :: high :: low :: d :: stated ->
      Bin.check (attack a) (residual e) (number n) (number k) (number high) (number low)
        (positive d) (claim stated)
  | _ -> raise (Malformed "too few words")

let () =
  let i = ref 0 in
  try
    while true do
      incr i;
      print_string (if decide (input_line stdin) then "1\n" else "0\n")
    done
  with
  | End_of_file -> ()
  | Malformed why ->
      flush stdout;
      Printf.eprintf "line %d: %s\n" !i why;
      exit 2
