(** Theorems 1 and 2 together: a condition is met if and only if every learner that
    eq (2) admits survives every data set that the budget reaches. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Counting Rounding Theorem1 Attacks Corollaries Radius
  Randomised Theorem2 Deterministic.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma other_label c (l : 'I_c) : (1 < c)%N -> exists s, l != s.
Proof.
move=> c_gt1; exists (if val l == 0%N then Ordinal c_gt1 else Ordinal (ltnW c_gt1)).
by apply/eqP => eq_l; move: (congr1 val eq_l); case: ifP => [/eqP ->|/eqP] //.
Qed.

Section Exact.
Variables (X : eqType) (k c n : nat) (D : 'I_n -> X) (l : 'I_c) (pl ps : rat).
Hypotheses (n_gt0 : (0 < n)%N) (c_gt1 : (1 < c)%N) (D_inj : injective D).
Hypotheses (pl_ge0 : 0 <= pl) (ps_ge0 : 0 <= ps) (sum_le1 : pl + ps <= 1).

(** Every learner that eq (2) admits predicts [l] on every data set within [r]. *)
Definition survives (r : nat) : Prop :=
  forall A : learner X k c, is_learner A -> bounded A D l pl ps ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.

Definition survives_deterministic (r : nat) : Prop :=
  forall A : learner X k c, deterministic A -> bounded A D l pl ps ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.

Definition survives_modify (r : nat) : Prop :=
  forall A : learner X k c, is_learner A -> bounded A D l pl ps ->
  forall D' : 'I_n -> X, modified r D D' -> predicts A D' l.

Definition survives_delete (r : nat) : Prop :=
  forall A : learner X k c, is_learner A -> bounded A D l pl ps ->
  forall n' (D' : 'I_n' -> X), deleted r D D' -> predicts A D' l.

Definition survives_insert (r : nat) : Prop :=
  forall A : learner X k c, is_learner A -> bounded A D l pl ps ->
  forall n' (D' : 'I_n' -> X), inserted r D D' -> predicts A D' l.

Lemma gap_le : gap k n pl ps <= (n ^ k)%:R.
Proof.
rewrite /gap -[X in _ <= X]mul1r; apply: ler_wpmul2r; first exact: ler0n.
rewrite ler_subl_addr.
have pl_le1 : pl <= 1 by apply: le_trans sum_le1; rewrite ler_addl.
by apply: le_trans pl_le1 _; rewrite ler_addl.
Qed.

Section Randomised.
Hypothesis sum_ge1 : 1 <= pl + (c%:R - 1) * ps.

Theorem exact_delete r : (r < n)%N -> survives_delete r <-> delete_ok k n r (gap k n pl ps).
Proof.
move=> lt_rn; split=> [safe|ok A lA bA]; last exact: leads_delete (bounded_leads lA bA) ok.
have [s neq_ls] := other_label l c_gt1; apply/negPn/negP => /negP no.
have [A [D' [dD' _ [lA att _]]]] :=
  @delete_tight X k c n r D l s pl ps n_gt0 D_inj neq_ls pl_ge0 ps_ge0 sum_le1 sum_ge1 lt_rn no.
by case; apply: safe (attains_bounded att) _ _ dD'.
Qed.

(** One value that D lacks is enough: it may be inserted as often as needed. *)
Variable x0 : X.
Hypothesis new : forall i, x0 != D i.

Theorem exact r : survives r <-> holds k n r (gap k n pl ps).
Proof.
split=> [safe|hG A lA bA n' D']; last exact: no_residual hG n' D'.
have [s neq_ls] := other_label l c_gt1; have [//|no] := holdsP k n r (gap k n pl ps).
have [A [n' [D' [pD' _ [lA att _]]]]] := @theorem2 X k c n r D l s pl ps n_gt0 D_inj neq_ls
  pl_ge0 ps_ge0 sum_le1 sum_ge1 (fun=> x0) (fun=> new) no.
by case; apply: safe (attains_bounded att) _ _ pD'.
Qed.

Theorem exact_modify r : survives_modify r <-> modify_ok k n r (gap k n pl ps).
Proof.
split=> [safe|ok A lA bA]; last exact: leads_modify (bounded_leads lA bA) ok.
have [s neq_ls] := other_label l c_gt1; apply/negPn/negP => /negP no.
have [A [D' [mD' _ [lA att _]]]] := @modify_tight X k c n r D l s pl ps n_gt0 D_inj neq_ls
  pl_ge0 ps_ge0 sum_le1 sum_ge1 (fun=> x0) (fun=> new) no.
by case; apply: safe (attains_bounded att) _ mD'.
Qed.

Theorem exact_insert r : survives_insert r <-> insert_ok k n r (gap k n pl ps).
Proof.
split=> [safe|ok A lA bA]; last exact: leads_insert (bounded_leads lA bA) ok.
have [s neq_ls] := other_label l c_gt1; apply/negPn/negP => /negP no.
have [A [D' [iD' _ [lA att _]]]] := @insert_tight X k c n r D l s pl ps n_gt0 D_inj neq_ls
  pl_ge0 ps_ge0 sum_le1 sum_ge1 (fun=> x0) (fun=> new) no.
by case; apply: safe (attains_bounded att) _ _ iD'.
Qed.

(** Corollary 1's one inequality is exact against any poisoning. *)
Theorem exact_closed r : survives r <-> modify_ok k n r (gap k n pl ps).
Proof. by rewrite -(holds_modify r n_gt0 gap_le); apply: exact. Qed.

(** **The radius is exact.** Bisection finds the largest budget that is survived. *)
Theorem radius_exact : (0 < k)%N -> ps < pl ->
  let R := bisect (fun r => holdsb k n r (gap k n pl ps)) n 0 n in
  (R < n)%N /\ forall r, survives r <-> (r <= R)%N.
Proof.
move=> k_gt0 lt_ps R; have nk_gt0 : 0 < (n ^ k)%:R :> rat by rewrite ltr0n expn_gt0 n_gt0.
have [|lt_R maxR] := radius_largest k_gt0 n_gt0 _ gap_le.
  by rewrite mulr_gt0 // subr_gt0.
by split=> // r; rewrite -(maxR r); apply: exact.
Qed.

End Randomised.

(** The same for deterministic learners, where the masses are whole numbers. *)
Section Integral.
Variable x0 : X.
Hypothesis new : forall i, x0 != D i.

Let P := ceilq (pl * (n ^ k)%:R).
Let S := floorq (ps * (n ^ k)%:R).
Hypothesis fills : (n ^ k)%:Z <= P + (c%:Z - 1) * S.

Theorem exact_integral r :
  survives_deterministic r <-> holds k n r (gap_integral k n pl ps).
Proof.
split=> [safe|hG A dA bA n' D']; last exact: integral hG n' D'.
have [s neq_ls] := other_label l c_gt1.
have [//|no] := holdsP k n r (gap_integral k n pl ps).
have [A [n' [D' [dA bA pD' _]]]] := @theorem2_integral X k c n r D (fun=> x0) l s n_gt0 D_inj
  neq_ls (fun=> new) pl ps pl_ge0 ps_ge0 sum_le1 fills no.
by case; apply: safe bA _ _ pD'.
Qed.

Theorem radius_exact_integral : (0 < k)%N -> S < P ->
  let R := bisect (fun r => holdsb k n r (gap_integral k n pl ps)) n 0 n in
  (R < n)%N /\ forall r, survives_deterministic r <-> (r <= R)%N.
Proof.
move=> k_gt0 lt_SP R; have nk_ge0 : 0 <= (n ^ k)%:R :> rat by rewrite ler0n.
have pl_le1 : pl <= 1 by apply: le_trans sum_le1; rewrite ler_addl.
have [||lt_R maxR] := @radius_largest k n (gap_integral k n pl ps) k_gt0 n_gt0.
- by rewrite ltr0z subr_gt0.
- have S_ge0 : 0 <= S by apply: floorq_ge; rewrite mulr_ge0.
  have P_le : P <= (n ^ k)%:Z.
    by apply: ceilq_le; rewrite -pmulrn -[X in _ <= X]mul1r ler_wpmul2r.
  rewrite [X in _ <= X]pmulrn ler_int ler_subl_addr; apply: le_trans P_le _.
  by rewrite ler_addl.
by split=> // r; rewrite -(maxR r); apply: exact_integral.
Qed.

End Integral.
End Exact.
