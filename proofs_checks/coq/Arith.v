(** Two tactics: [rat_ring] proves polynomial identities over [rat], [nat_lia] linear
    facts about [nat] ([nat_nia]: with products). MathComp 1.15 alone has neither; Coq's own [ring] and [lia] do
    the work once MathComp's operations are renamed to what they expect. *)
From Coq Require Import Ring Lia.
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** [ring] wants one syntactic form of each operation, not MathComp's many paths to it. *)
Definition radd (x y : rat) : rat := x + y.
Definition rmul (x y : rat) : rat := x * y.
Definition rsub (x y : rat) : rat := x - y.
Definition ropp (x : rat) : rat := - x.
Definition rzero : rat := 0.
Definition rone : rat := 1.

Lemma rat_ring_theory : ring_theory rzero rone radd rmul rsub ropp eq.
Proof.
split; rewrite /rzero /rone /radd /rmul /rsub /ropp => *.
- exact: add0r.
- exact: addrC.
- exact: addrA.
- exact: mul1r.
- exact: mulrC.
- exact: mulrA.
- exact: mulrDl.
- by [].
- exact: subrr.
Qed.
Add Ring rat_ring : rat_ring_theory.

Lemma raddE (x y : rat) : x + y = radd x y. Proof. by []. Qed.
Lemma rmulE (x y : rat) : x * y = rmul x y. Proof. by []. Qed.
Lemma roppE (x : rat) : - x = ropp x. Proof. by []. Qed.
Lemma rzeroE : 0 = rzero. Proof. by []. Qed.
Lemma roneE : 1 = rone. Proof. by []. Qed.

Definition rnat (n : nat) : rat := n%:R.
Lemma rnatE n : n%:R = rnat n. Proof. by []. Qed.
Lemma rnat0 : rnat 0 = rzero. Proof. by []. Qed.
Lemma rnatS n : rnat n.+1 = radd rone (rnat n).
Proof. by rewrite /rnat /radd /rone -mulrS. Qed.

Ltac rat_ring :=
  rewrite -?pmulrn ?rnatE ?(exprS, expr0) ?(roppE, rmulE, raddE) ?(rzeroE, roneE);
  rewrite ?(rnatS, rnat0);
  match goal with |- @eq _ ?x ?y => change (@eq rat x y) end; ring.

Ltac to_nat := intros;
  repeat match goal with
    | H : is_true (andb _ _) |- _ => case/andP: H => ? ?
    | H : is_true (leq _ _) |- _ => move/ssrnat.leP: H => H
    | H : is_true (@eq_op nat_eqType _ _) |- _ => move/eqP: H => H
  end;
  match goal with
    | |- is_true (leq _ _) => apply/ssrnat.leP
    | |- is_true (@eq_op nat_eqType _ _) => apply/eqP
    | |- _ => idtac
  end;
  repeat match goal with
    | H : context [addn _ _] |- _ => rewrite -plusE in H
    | H : context [subn _ _] |- _ => rewrite -minusE in H
    | H : context [muln _ _] |- _ => rewrite -multE in H
  end;
  rewrite -?(plusE, minusE, multE).
Ltac nat_lia := to_nat; lia.
Ltac nat_nia := to_nat; nia.

(** [x <= y] and friends from a difference that is visibly a sum of nonnegative parts. *)
Lemma le_by (x y d : rat) : 0 <= d -> y - x = d -> x <= y.
Proof. by move=> d_ge0 eq_d; rewrite -subr_ge0 eq_d. Qed.

Lemma lt_by (x y d : rat) : 0 < d -> y - x = d -> x < y.
Proof. by move=> d_gt0 eq_d; rewrite -subr_gt0 eq_d. Qed.

(** Powers are monotone also for exponent 0. *)
Lemma leq_pow k (a b : nat) : (a <= b)%N -> (a ^ k <= b ^ k)%N.
Proof. by case: k => // k; rewrite leq_exp2r. Qed.

(** Two comparisons with one difference are one comparison. *)
Lemma lt_same (a b c d : rat) : b - a = d - c -> (a < b) = (c < d).
Proof. by rewrite -subr_gt0 => ->; rewrite subr_gt0. Qed.
