(** Theorem 2: the radius cannot be improved, against any poisoning and against each
    single kind of attack. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Counting Rounding Theorem1 Attacks Radius Feasible Randomised.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** The overlap that budget [r] leaves, and the new examples that it needs. *)
Lemma kept_fits n n' r : (n <= n' + r)%N -> (n' <= n + r)%N ->
  [/\ (kept n n' r <= n)%N, (kept n n' r <= n')%N, (n' - kept n n' r <= r)%N
    & (maxn n n' <= kept n n' r + r)%N].
Proof.
move=> lo hi; have budget : (maxn n n' <= kept n n' r + r)%N by rewrite addnC -leq_subLR.
split=> //; rewrite leq_subLR.
- by rewrite addnC geq_max leq_addr.
- by rewrite addnC geq_max lo leq_addr.
- by apply: leq_trans budget; rewrite leq_maxr.
Qed.

Lemma not_predicts X k c (A : learner X k c) n (D : 'I_n -> X) l s :
  l != s -> prob A D l <= prob A D s -> ~ predicts A D l.
Proof. by rewrite eq_sym leNgt => neq_ls /negP le_ls /(_ s neq_ls). Qed.

Section Theorem2.
Variables (X : eqType) (k c n r : nat) (D : 'I_n -> X) (l s : 'I_c) (pl ps : rat).
Hypotheses (n_gt0 : (0 < n)%N) (D_inj : injective D) (neq_ls : l != s).
Hypotheses (pl_ge0 : 0 <= pl) (ps_ge0 : 0 <= ps).
Hypotheses (sum_le1 : pl + ps <= 1) (sum_ge1 : 1 <= pl + (c%:R - 1) * ps).

Let G := gap k n pl ps.

(** [D'] breaks [A], whose label probabilities under [D] are [pl] and [ps]. *)
Definition broken (A : learner X k c) n' (D' : 'I_n' -> X) :=
  [/\ is_learner A, attains A D l s pl ps, prob A D' l <= prob A D' s & ~ predicts A D' l].

(** Deletion needs no new example. *)
Theorem delete_tight : (r < n)%N -> ~ delete_ok k n r G ->
  exists (A : learner X k c) (D' : 'I_(n - r) -> X),
    [/\ deleted r D D', injective D' & broken A D'].
Proof.
move=> lt_rn /negP; rewrite -leNgt => viol.
have := @adversary X k c n (n - r) 0 D (fun=> D (Ordinal n_gt0)) l s pl ps n_gt0 (leq_subr r n).
rewrite addn0 => /(_ D_inj _ neq_ls pl_ge0 ps_ge0 sum_le1 sum_ge1).
case=> [[]//||A [D' [lA att sh inj le_ls]]].
  move: viol; rewrite /margin /kept (maxn_idPl (leq_subr r n)) -/(gap k n pl ps) -/G.
  by rewrite subr_ge0.
exists A, D'; split; last by split=> //; apply: not_predicts le_ls.
  by split; [rewrite subn_gt0|split=> //; rewrite subnK // ltnW].
by apply: inj => -[].
Qed.

Section Fresh.
Variable fresh : 'I_r -> X.
Hypothesis new : forall i j, fresh i != D j.

(** Wherever (4) fails, a data set of that size breaks some learner. *)
Lemma broken_at n' : (n <= n' + r)%N -> (n' <= n + r)%N -> 0 <= margin k n n' r G ->
  exists (A : learner X k c) (D' : 'I_n' -> X),
    [/\ share D D' (kept n n' r), injective fresh -> injective D' & broken A D'].
Proof.
move=> le1 le2 viol; have [le_mn le_mn' le_d _] := kept_fits le1 le2.
rewrite /margin in viol; set m := kept n n' r in viol le_mn le_mn' le_d *.
have inj_widen : injective (widen_ord le_d) by move=> i j /(congr1 val) /= /val_inj.
have := @adversary X k c n m (n' - m) D (fresh \o widen_ord le_d) l s pl ps n_gt0 le_mn D_inj.
rewrite subnKC // => /(_ (fun i => new _) neq_ls pl_ge0 ps_ge0 sum_le1 sum_ge1).
case=> [|A [D' [lA att sh inj le_ls]]]; first by rewrite -subr_ge0.
exists A, D'; split=> //; last by split=> //; apply: not_predicts le_ls.
by move=> fresh_inj; apply: inj; apply: inj_comp fresh_inj inj_widen.
Qed.

(** **Theorem 2**, for randomised learners: when (4) fails, a learner that meets eq (2)
    with equality is broken by a poisoned data set. *)
Theorem theorem2 : ~ holds k n r G ->
  exists (A : learner X k c) n' (D' : 'I_n' -> X),
    [/\ poisoned r D D', injective fresh -> injective D' & broken A D'].
Proof.
move=> /not_holds [n' [n'_gt0 le1 le2 viol]].
have [A [D' [sh inj br]]] := broken_at le1 le2 viol; exists A, n', D'; split=> //.
by split=> //; exists (kept n n' r); split=> //; have [] := kept_fits le1 le2.
Qed.

Theorem modify_tight : ~ modify_ok k n r G ->
  exists (A : learner X k c) (D' : 'I_n -> X),
    [/\ modified r D D', injective fresh -> injective D' & broken A D'].
Proof.
move=> /negP; rewrite -leNgt => viol; have le1 := leq_addr r n.
have [A [D' [sh inj br]]] := broken_at le1 le1 viol; exists A, D'; split=> //.
by exists (kept n n r); split=> //; have [_ _ _] := kept_fits le1 le1; rewrite maxnn.
Qed.

Theorem insert_tight : ~ insert_ok k n r G ->
  exists (A : learner X k c) (D' : 'I_(n + r) -> X),
    [/\ inserted r D D', injective fresh -> injective D' & broken A D'].
Proof.
move=> /negP; rewrite -leNgt => viol; have le1 : (n <= n + r + r)%N by rewrite -addnA leq_addr.
have [A [D' [sh inj br]]] := broken_at le1 (leqnn _) viol; exists A, D'; split=> //.
by split=> //; move: sh; rewrite /kept (maxn_idPr (leq_addr r n)) addnK.
Qed.

End Fresh.
End Theorem2.
