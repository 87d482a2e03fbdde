(** The checker as an OCaml program. Booleans, pairs and options become OCaml's own;
    numbers stay Coq's inductive type of binary digits, so that no big-integer library
    is trusted. *)
From Coq Require Import Extraction ExtrOcamlBasic.
From Bagcert Require Import Claims Checker Tails.

Extraction Language OCaml.
Extraction "build/extracted.ml" Bin.check BinTail.lower_test.
