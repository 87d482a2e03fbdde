(** The judge of a certificate file as an OCaml program on Zarith's integers.

    Trusted here: that the operations below are those of Coq's N and positive. The standard
    library's table does most; these are the rest that the judge spends its time in. *)
From Coq Require Import Extraction ExtrOcamlBasic ExtrOcamlZBigInt NArith.
From Bagcert Require Import Series Printer Document Judge.

Extract Constant N.eqb => "Big_int_Z.eq_big_int".
Extract Constant N.leb => "Big_int_Z.le_big_int".
Extract Constant N.ltb => "Big_int_Z.lt_big_int".
Extract Constant N.pow => "(fun x k -> Z.pow x (Z.to_int k))".
Extract Constant N.size => "(fun x -> Z.of_int (Z.numbits x))".
Extract Constant N.gcd => "Z.gcd".

Extraction Language OCaml.
Extraction "build/judge.ml" Judge.start Judge.take_row Judge.finish Judge.initial
  Judge.expects_row Judge.longest Judge.sound Judge.largest Judge.second.
