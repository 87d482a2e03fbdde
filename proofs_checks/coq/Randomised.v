(** A* for randomised learners: its label probabilities are [pl] and [ps] exactly, and
    under D' label [l] no longer leads. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Rounding Linear Adversary.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** Eq (2) with equality: [pl] and [ps] are the label probabilities themselves. *)
Definition attains X k c (A : learner X k c) n (D : 'I_n -> X) (l s : 'I_c) (pl ps : rat) :=
  [/\ prob A D l = pl, prob A D s = ps & forall j, j != l -> prob A D j <= ps].

Lemma attains_bounded X k c (A : learner X k c) n (D : 'I_n -> X) l s pl ps :
  attains A D l s pl ps -> bounded A D l pl ps.
Proof. by case=> <- _ le_ps; split. Qed.

(** Probabilities from masses. *)
Lemma prob_mass X k c (A : learner X k c) n (D : 'I_n -> X) j p :
  (0 < n)%N -> mass A D j = p * (n ^ k)%:R -> prob A D j = p.
Proof.
by move=> n_gt0 eq_m; rewrite /prob eq_m mulfK // pnatr_eq0 -lt0n expn_gt0 n_gt0.
Qed.

Lemma prob_le X k c (A : learner X k c) n (D : 'I_n -> X) j p :
  (0 < n)%N -> mass A D j <= p * (n ^ k)%:R -> prob A D j <= p.
Proof. by move=> n_gt0 le_m; rewrite /prob ler_pdivr_mulr // ltr0n expn_gt0 n_gt0. Qed.

Lemma prob_le2 X k c (A : learner X k c) n (D : 'I_n -> X) i j :
  mass A D i <= mass A D j -> prob A D i <= prob A D j.
Proof. by move=> le_m; rewrite /prob ler_wpmul2r // invr_ge0 ler0n. Qed.

Section Randomised.
Variables (X : eqType) (k c m e d : nat) (D : 'I_(m + e) -> X) (fresh : 'I_d -> X).
Variables (l s : 'I_c) (pl ps : rat).
Hypotheses (D_inj : injective D) (new : forall i j, fresh i != D j).
Hypotheses (n_gt0 : (0 < m + e)%N) (neq_ls : l != s).
Hypotheses (pl_ge0 : 0 <= pl) (ps_ge0 : 0 <= ps).
Hypotheses (sum_le1 : pl + ps <= 1) (sum_ge1 : 1 <= pl + (c%:R - 1) * ps).

Let N : rat := ((m + e) ^ k)%:R.
Let M : rat := (m ^ k)%:R.
Let M' : rat := ((m + d) ^ k)%:R.

Let N_gt0 : 0 < N. Proof. by rewrite ltr0n expn_gt0 n_gt0. Qed.
Let M_ge0 : 0 <= M. Proof. exact: ler0n. Qed.

(** The paper's construction: the lists that leave the shared part fit in [l]'s. *)
Lemma adversary_feasible : N - M <= pl * N -> (pl - ps) * N <= M' - 2 * M + N ->
  exists A : learner X k c, [/\ is_learner A, attains A D l s pl ps
    & prob A (attack D fresh) l <= prob A (attack D fresh) s].
Proof.
move=> feas viol; have ps_N : 0 <= ps * N by rewrite mulr_ge0 // ltW.
have a_ge0 : 0 <= pl * N - (N - M) by rewrite subr_ge0.
have lo : pl * N - (N - M) + ps * N <= M.
  apply: (le_by1 (ler_wpmul2r (ltW N_gt0) sum_le1)).
  by move: (N) (M) => N0 M0; rat_ring.
have hi : M <= pl * N - (N - M) + (c%:R - 1) * (ps * N).
  apply: (le_by1 (ler_wpmul2r (ltW N_gt0) sum_ge1)).
  by move: (N) (M) c%:R => N0 M0 C; rat_ring.
have [q [q_ge0 q_sum ql qs q_le]] := deal neq_ls a_ge0 ps_N lo hi.
pose A := learner_of D id (fun (_ : lists k m) j => q j / M) (fun j => (l == j)%:R)
                          (fun j => (s == j)%:R).
have core_mass j : \sum_(u : lists k m) q j / M = q j.
  rewrite sumr_const card_lists -mulr_natr -/M.
  have [M0|M_neq0] := eqVneq M 0; last by rewrite divfK.
  by rewrite M0 mulr0; apply/esym/eqP; move: q_sum => /eqP;
     rewrite M0 psumr_eq0 // => /allP /(_ j); rewrite mem_index_enum => /(_ isT).
have massD j : mass A D j = q j + (N - M) * (l == j)%:R.
  by rewrite mass_astar // core_mass.
have massD' j : mass A (attack D fresh) j = q j + (M' - M) * (s == j)%:R.
  by rewrite mass_attack // core_mass.
exists A; split.
- apply: learner_astar; try exact: dist_point.
  move=> u; split=> [j|]; first by rewrite mulr_ge0 // invr_ge0.
  rewrite -mulr_suml q_sum divff // pnatr_eq0 -card_lists -lt0n.
  by apply/card_gt0P; exists u.
- split=> [||j neq_jl].
  + by apply: prob_mass => //; rewrite massD eqxx mulr1 ql subrK.
  + by apply: prob_mass => //; rewrite massD (negPf neq_ls) mulr0 addr0.
  + apply: prob_le => //; rewrite massD eq_sym (negPf neq_jl) mulr0 addr0; exact: q_le.
apply: prob_le2; rewrite !massD' eqxx eq_sym (negPf neq_ls) ql qs mulr0 mulr1.
by apply: (le_by1 viol); move: (N) (M) (M') => N0 M0 M1; rat_ring.
Qed.

(** Where they do not fit, [l] needs only a part of them, and D' leaves it nothing. *)
Lemma adversary_infeasible : pl * N < N - M ->
  exists A : learner X k c, [/\ is_learner A, attains A D l s pl ps
    & prob A (attack D fresh) l <= prob A (attack D fresh) s].
Proof.
move=> infeas; have B_gt0 : 0 < N - M by apply: le_lt_trans infeas; rewrite mulr_ge0 // ltW.
have pl_lt1 : 0 < 1 - pl.
  rewrite subr_gt0 -(ltr_pmul2r N_gt0) mul1r; apply: (lt_le_trans infeas).
  by rewrite ler_subl_addr ler_addl.
have lo : 0 + ps <= 1 - pl by rewrite add0r ler_subr_addl.
have hi : 1 - pl <= 0 + (c%:R - 1) * ps by rewrite add0r ler_subl_addl.
have [q [q_ge0 q_sum ql qs q_le]] := deal neq_ls (lexx 0) ps_ge0 lo hi.
pose y j := q j / (1 - pl); pose b := pl * N / (N - M).
have y_ge0 j : 0 <= y j by rewrite mulr_ge0 // invr_ge0 ltW.
have yl : y l = 0 by rewrite /y ql mul0r.
have yE j : (1 - pl) * y j = q j by rewrite /y mulrC divfK // gt_eqF.
have y_sum : \sum_j y j = 1 by rewrite -mulr_suml q_sum divff // gt_eqF.
have bE : (N - M) * b = pl * N by rewrite /b mulrC divfK // gt_eqF.
have b_ge0 : 0 <= b by rewrite /b !mulr_ge0 // ?invr_ge0 ltW.
have b_le1 : 0 <= 1 - b by rewrite subr_ge0 /b ler_pdivr_mulr // mul1r ltW.
pose out j := b * (l == j)%:R + (1 - b) * y j.
pose A := learner_of D id (fun (_ : lists k m) => y) out (fun j => (s == j)%:R).
have lA : is_learner A.
  apply: learner_astar; try exact: dist_point; first by split.
  split=> [j|]; first by rewrite addr_ge0 // mulr_ge0 // ler0n.
  rewrite big_split /= -!mulr_sumr y_sum; case: (dist_point l) => _ ->.
  by rewrite !mulr1 addrC subrK.
have core_mass j : \sum_(u : lists k m) y j = M * y j by rewrite sumr_const card_lists mulr_natl.
have massD j : mass A D j = pl * N * (l == j)%:R + q j * N.
  rewrite mass_astar // core_mass -/N -/M /out -bE -yE.
  rewrite (_ : (1 - pl) * y j * N = N * y j - pl * N * y j); last first.
    by move: (N) => N0; rat_ring.
  by rewrite -bE; move: (N) (M) (_ == _)%:R => N0 M0 x; rat_ring.
exists A; split=> //.
- split=> [||j neq_jl].
  + by apply: prob_mass => //; rewrite massD eqxx mulr1 ql mul0r addr0.
  + by apply: prob_mass => //; rewrite massD (negPf neq_ls) mulr0 add0r qs.
  + apply: prob_le => //; rewrite massD eq_sym (negPf neq_jl) mulr0 add0r.
    by rewrite ler_wpmul2r ?q_le // ltW.
apply: prob_le2; apply: le_trans (mass_ge0 _ _ lA).
by rewrite mass_attack // core_mass yl [s == l]eq_sym (negPf neq_ls) !mulr0 addr0.
Qed.

End Randomised.

(** Both cases, for any overlap [m] and any number [d] of new examples. *)
Lemma adversary (X : eqType) k c n m d (D : 'I_n -> X) (fresh : 'I_d -> X)
    (l s : 'I_c) (pl ps : rat) :
  (0 < n)%N -> (m <= n)%N -> injective D -> (forall i j, fresh i != D j) -> l != s ->
  0 <= pl -> 0 <= ps -> pl + ps <= 1 -> 1 <= pl + (c%:R - 1) * ps ->
  (pl - ps) * (n ^ k)%:R <= ((m + d) ^ k)%:R - 2 * (m ^ k)%:R + (n ^ k)%:R ->
  exists (A : learner X k c) (D' : 'I_(m + d) -> X),
    [/\ is_learner A, attains A D l s pl ps, share D D' m,
        injective fresh -> injective D' & prob A D' l <= prob A D' s].
Proof.
move=> n_gt0 le_mn; rewrite -(subnKC le_mn) in D n_gt0 *.
move=> D_inj new neq_ls pl_ge0 ps_ge0 lo hi viol.
suff [A [lA att le_ls]] : exists A : learner X k c, [/\ is_learner A, attains A D l s pl ps
    & prob A (attack D fresh) l <= prob A (attack D fresh) s].
  exists A, (attack D fresh); split=> //; first exact: share_attack.
  exact: attack_inj.
have [feas|infeas] := leP (((m + (n - m)) ^ k)%:R - (m ^ k)%:R) (pl * ((m + (n - m)) ^ k)%:R).
  exact: adversary_feasible.
exact: adversary_infeasible.
Qed.
