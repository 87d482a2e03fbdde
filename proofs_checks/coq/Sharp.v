(** Hypotheses that are needed, and conclusions that cannot be had: each theorem refutes
    one of Statements.v with a hypothesis deleted, or strengthened by one. Needed.v does the
    same for Theorem 2. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Rounding Counting Theorem1 Attacks Radius Confidence Needed.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** * Two learners: one repeats the label that it draws, one tosses a coin *)

Definition echo : learner 'I_2 1 2 := fun w l => (tnth w ord0 == l)%:R.
Definition coin : learner unit 1 2 := fun _ _ => 1 / 2.

Lemma echo_deterministic : deterministic echo.
Proof. by exists (fun w => tnth w ord0). Qed.

Lemma coin_learner : is_learner coin.
Proof. by split=> // w; rewrite !big_ord_recl big_ord0. Qed.

Lemma prob_echo (x l : 'I_2) : prob echo (fun _ : 'I_1 => x) l = (x == l)%:R.
Proof. by rewrite /prob mass_const /echo tnth_mktuple !exp1n mul1r divr1. Qed.

Lemma prob_coin l : prob coin (fun _ : 'I_1 => tt) l = 1 / 2.
Proof. by rewrite /prob mass_const !exp1n mul1r divr1. Qed.

Lemma share_none X n n' (D : 'I_n -> X) (D' : 'I_n' -> X) : share D D' 0.
Proof.
have none T : 'I_0 -> T by case.
by exists (none _), (none _); split=> -[].
Qed.

Lemma coin_lost : ~ predicts coin (fun _ : 'I_1 => tt) ord0.
Proof. by move=> /(_ ord_max isT); rewrite !prob_coin ltxx. Qed.

Lemma coin_bounded : bounded coin (fun _ : 'I_1 => tt) ord0 (1 / 2) (1 / 2).
Proof. by split=> [|j _]; rewrite prob_coin. Qed.

Lemma same_poisoned X r (D : 'I_1 -> X) : poisoned r D D.
Proof.
split=> //; exists 1%N; split; last by rewrite maxnn leq_addr.
by exists id, id; split.
Qed.

(** * Theorem 1 *)

(** A label's mass can fall by all that [mass_lower] grants, and never rises. *)
Theorem mass_no_more : ~ (forall X k c (A : learner X k c) n n' m (D : 'I_n -> X)
    (D' : 'I_n' -> X) (l : 'I_c), is_learner A -> share D D' m ->
  mass A D l - ((n ^ k)%:R - (m ^ k)%:R - 1) <= mass A D' l).
Proof.
move=> claim; have same : share (fun _ : 'I_1 => tt) (fun _ : 'I_1 => tt) 1.
  by exists id, id; split.
have := claim unit 1%N 2%N coin 1%N 1%N 1%N (fun=> tt) (fun=> tt) ord0 coin_learner same.
by rewrite !exp1n subrr sub0r opprK ger_addl ler10.
Qed.

(** (4) without eq (2). *)
Theorem theorem1_needs_bounds : ~ (forall X k c (A : learner X k c) n (D : 'I_n -> X) l pl ps r,
  is_learner A -> holds k n r (gap k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l).
Proof.
move=> claim; apply: coin_lost.
apply: (claim _ 1%N 2%N coin 1%N (fun=> tt) ord0 1 0 0%N coin_learner _ 1%N).
  by case=> [|[|n']].
exact: same_poisoned.
Qed.

(** One more poisoned example than (4) allows. *)
Theorem theorem1_no_more : ~ (forall X k c (A : learner X k c) n (D : 'I_n -> X) l pl ps r,
  is_learner A -> bounded A D l pl ps -> holds k n r (gap k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r.+1 D D' -> predicts A D' l).
Proof.
move=> claim; have : predicts echo (fun _ : 'I_1 => ord_max) ord0.
  apply: (claim _ _ _ echo 1%N (fun=> ord0) ord0 1 0 0%N).
  - exact: deterministic_learner echo_deterministic.
  - by split=> [|j /negPf j_l]; rewrite prob_echo // eq_sym j_l.
  - by case=> [|[|n']].
  - by split=> //; exists 0%N; split=> //; apply: share_none.
by move=> /(_ ord_max isT); rewrite !prob_echo.
Qed.

(** Equality in (4) is not enough. *)
Theorem theorem1_strict : ~ (forall X k c (A : learner X k c) n (D : 'I_n -> X) l pl ps r,
  is_learner A -> bounded A D l pl ps ->
  (forall n', (0 < n')%N -> (n <= n' + r)%N -> (n' <= n + r)%N ->
     margin k n n' r (gap k n pl ps) <= 0) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l).
Proof.
move=> claim; apply: coin_lost; apply: (claim _ _ _ _ _ _ _ _ _ 0%N coin_learner coin_bounded).
  by case=> [|[|n']].
exact: same_poisoned.
Qed.

(** The integral gap is for deterministic learners only. *)
Theorem integral_needs_deterministic :
  ~ (forall X k c (A : learner X k c) n (D : 'I_n -> X) l pl ps r,
  is_learner A -> bounded A D l pl ps -> holds k n r (gap_integral k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l).
Proof.
move=> claim; apply: coin_lost; apply: (claim _ _ _ _ _ _ _ _ _ 0%N coin_learner coin_bounded).
  by case=> [|[|n']].
exact: same_poisoned.
Qed.

(** * Corollary 1 *)

(** Without [G <= n^k] modification is not the worst attack. *)
Theorem worst_needs_gap : ~ (forall k n r G, (0 < n)%N -> holds k n r G <-> modify_ok k n r G).
Proof.
move=> claim; have [_] := claim 3%N 1%N 1%N 3%:R isT.
by move=> /(_ isT 2%N isT isT isT).
Qed.

(** The closed form cannot be one larger. *)
Theorem corollary1_no_more : ~ (forall k n G t, (0 < k)%N -> 0 < G ->
  is_root k ((n ^ k)%:R - G / 2) t -> forall r, modify_ok k n r G <-> (r <= n - t)%N).
Proof.
move=> claim; have := claim 1%N 1%N 1 0%N isT isT.
by case/(_ (conj isT isT) 1%N) => _ /(_ isT).
Qed.

(** * selected *)

(** Two bounds that do not fail together cost two levels, not one. *)
Section Selected.

Let T : finType := [finType of 'I_2].
Let P (w : T) : rat := 1 / 2.
Let C := @Procedure T 2 predT (fun=> ord0) (fun w _ => (w == ord0)%:R) (fun w _ => (w == ord0)%:R).
Let p (j : 'I_2) : rat := 1 / 2.

Theorem selected_needs_both : ~ (forall (beats : T -> 'I_2 -> 'I_2 -> bool) (b b' : rat),
  (forall w, issued C w -> forall j, j != label C w -> beats w (label C w) j) ->
  Pr P (lower_fails C p ord0) <= b -> Pr P (upper_fails C p ord_max) <= b ->
  (forall j, j != ord0 -> Pr P (fun w => beats w j ord0) <= b') ->
  Pr P (wrong C p (p_upper C)) <= b + 1 * b').
Proof.
move=> /(_ (fun _ i _ => i == ord0) (1 / 2) 0 (fun _ _ _ _ => erefl)).
have sum (E : pred T) : Pr P E = (if E ord0 then 1 / 2 else 0) + (if E ord_max then 1 / 2 else 0).
  rewrite /Pr big_mkcond !big_ord_recl big_ord0 /= addr0.
  by have -> : lift ord0 ord0 = ord_max :> 'I_2 by apply: val_inj.
have runner : runner_up (upper C ord_max) ord0 = 0.
  by apply: (big_ind (fun x => x = 0)) => // x y -> ->; rewrite maxxx.
have rw0 : wrong C p (p_upper C) ord0 by [].
have rw1 : wrong C p (p_upper C) ord_max.
  rewrite /wrong negb_and; apply/orP; right; apply/forallPn; exists ord_max.
  by rewrite /= /p_upper runner.
rewrite !sum rw0 rw1 => claim.
have : 1 / 2 + 1 / 2 <= 1 / 2 + 1 * 0 :> rat.
  by apply: claim => // j /negPf j_t; rewrite sum j_t.
by [].
Qed.

End Selected.
