(** [rat_ring] proves polynomial identities over [rat]: Coq's own [ring], once each
    operation is in the one syntactic form that it expects. *)
From Coq Require Export Ring.
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition qadd : rat -> rat -> rat := @GRing.add rat_ZmodType.
Definition qmul : rat -> rat -> rat := @GRing.mul rat_Ring.
Definition qopp : rat -> rat := @GRing.opp rat_ZmodType.
Definition q0 : rat := @GRing.zero rat_ZmodType.
Definition q1 : rat := @GRing.one rat_Ring.

Lemma com_ring_theory (R : comRingType) :
  @ring_theory R 0 1 +%R *%R (fun x y => x - y) -%R eq.
Proof. by split=> *; rewrite ?(add0r, addrA, mul1r, mulrA, mulrDl, subrr) // (addrC, mulrC). Qed.

Lemma rat_ring_theory : ring_theory q0 q1 qadd qmul (fun x y => qadd x (qopp y)) qopp eq.
Proof. exact: com_ring_theory. Qed.
Add Ring rat_ring : rat_ring_theory.

Ltac rat_ring :=
  rewrite -?pmulrn ?mulr2n;
  repeat match goal with
  | |- context [@GRing.add ?Z ?x ?y] => change (@GRing.add Z x y) with (qadd x y)
  | |- context [@GRing.mul ?Z ?x ?y] => change (@GRing.mul Z x y) with (qmul x y)
  | |- context [@GRing.opp ?Z ?x] => change (@GRing.opp Z x) with (qopp x)
  | |- context [@GRing.zero ?Z] => change (@GRing.zero Z) with q0
  | |- context [@GRing.one ?Z] => change (@GRing.one Z) with q1
  end;
  match goal with |- @eq _ ?x ?y => change (@eq rat x y) end; ring.

(** An inequality as the sum of others: the difference is checked by [rat_ring]. *)
Lemma le_by1 (a b x y : rat) : a <= b -> y - x = b - a -> x <= y.
Proof. by rewrite -subr_ge0 -[x <= y]subr_ge0 => ? ->. Qed.

Lemma le_by2 (a b a' b' x y : rat) :
  a <= b -> a' <= b' -> y - x = (b - a) + (b' - a') -> x <= y.
Proof.
by move=> le1 le2 eq_d; apply: (le_by1 (ler_add le1 le2)); rewrite eq_d opprD addrACA.
Qed.

Lemma le_by3 (a b a' b' a'' b'' x y : rat) :
  a <= b -> a' <= b' -> a'' <= b'' -> y - x = (b - a) + (b' - a') + (b'' - a'') -> x <= y.
Proof.
move=> le1 le2 le3 eq_d; apply: (le_by2 (ler_add le1 le2) le3).
by rewrite eq_d opprD (addrACA b).
Qed.
