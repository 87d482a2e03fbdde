(** An inequality as the sum of others, the difference checked by [rat_ring]. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma le_by1 (a b x y : rat) : a <= b -> y - x = b - a -> x <= y.
Proof. by rewrite -subr_ge0; apply: le_by. Qed.

Lemma le_by2 (a b a' b' x y : rat) :
  a <= b -> a' <= b' -> y - x = (b - a) + (b' - a') -> x <= y.
Proof. by move=> le1 le2 eq_d; apply: (le_by1 (ler_add le1 le2)); rewrite eq_d; rat_ring. Qed.

Lemma le_by3 (a b a' b' a'' b'' x y : rat) :
  a <= b -> a' <= b' -> a'' <= b'' -> y - x = (b - a) + (b' - a') + (b'' - a'') -> x <= y.
Proof.
move=> le1 le2 le3 eq_d; apply: (le_by2 (ler_add le1 le2) le3).
by rewrite eq_d; rat_ring.
Qed.
