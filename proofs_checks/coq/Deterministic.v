(** Theorem 2 for deterministic learners: the ranks of the shared lists are dealt in
    blocks of whole lists, as in the paper. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Rounding Theorem1 Radius.
From Bagcert Require Import Linear Feasible Adversary Randomised Theorem2.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** A row of [total] labels: [a] times [l], [b] times [s], each other at most [b] times. *)
Lemma deal_labels c (l s : 'I_c) (a b total : nat) :
  l != s -> (a + b <= total)%N -> (total <= a + (c - 1) * b)%N ->
  exists t : seq 'I_c, [/\ size t = total, count_mem l t = a, count_mem s t = b
                        & forall j, j != l -> (count_mem j t <= b)%N].
Proof.
move=> neq_ls lo hi; have neq_sl : s != l by rewrite eq_sym.
have [c_ge2 card_c] := card_others neq_ls.
pose rest := flatten [seq nseq b j | j <- enum (others l s)].
have count_rest j : count_mem j rest = (others l s j * b)%N.
  rewrite count_flatten sumnE !big_map big_enum_cond.
  rewrite (eq_bigr (fun i => (i == j) * b)%N) => [|i _]; last by rewrite count_nseq.
  rewrite (eq_bigl (others l s)) => [|i]; last by rewrite andbT.
  have [in_j|out_j] := boolP (others l s j); last first.
    by rewrite big1 // => i in_i; case: eqP => // eq_ij; case/negP: out_j; rewrite -eq_ij.
  by rewrite (bigD1 j) // eqxx big1 /= ?addn0 // => i /andP [_ /negPf ->].
have size_rest : size rest = ((c - 2) * b)%N.
  rewrite size_flatten /shape -map_comp (eq_map (fun i => size_nseq b i)).
  by rewrite sumnE big_map big_enum sum_nat_const card_c.
have fits : (total - a - b <= size rest)%N.
  by rewrite size_rest -subnDA leq_subLR -addnA -mulSn -subSn // subSS.
exists (nseq a l ++ nseq b s ++ take (total - a - b) rest).
have take_le j : (count_mem j (take (total - a - b) rest) <= others l s j * b)%N.
  by rewrite -count_rest -{2}(cat_take_drop (total - a - b) rest) count_cat leq_addr.
have none j : others l s j = false -> count_mem j (take (total - a - b) rest) = 0%N.
  by move=> out_j; apply/eqP; rewrite -leqn0 (leq_trans (take_le j)) // out_j.
split=> [|||j /negPf neq_jl].
- by rewrite !size_cat !size_nseq size_takel // -subnDA addnA subnKC.
- rewrite !count_cat !count_nseq /= eqxx (negPf neq_sl) none ?addn0 ?mul1n //=.
  by rewrite eqxx.
- rewrite !count_cat !count_nseq /= eqxx (negPf neq_ls) none ?addn0 ?mul1n //=.
  by rewrite eqxx andbF.
rewrite !count_cat !count_nseq /= eq_sym neq_jl mul0n add0n.
have [eq_sj|_] := eqVneq s j; first by rewrite none ?addn0 ?mul1n //= -eq_sj eqxx andbF.
by rewrite mul0n add0n (leq_trans (take_le j)) // -[X in (_ <= X)%N]mul1n leq_mul2r leq_b1 orbT.
Qed.

(** Rank by rank, a row as long as there are lists is counted once over. *)
Lemma sum_ranks (T : finType) c (l j : 'I_c) (t : seq 'I_c) : size t = #|T| ->
  \sum_(u : T) ((nth l t (enum_rank u) == j)%:R : rat) = (count_mem j t)%:R.
Proof.
move=> size_t; rewrite (reindex_onto enum_val enum_rank) => [|u _]; last exact: enum_rankK.
rewrite (eq_bigl xpredT) => [|i]; last by rewrite enum_valK eqxx.
rewrite -sum1_count natr_sum [RHS]big_mkcond /= (big_nth l) size_t big_mkord.
by apply: eq_bigr => i _; rewrite enum_valK; case: eqP.
Qed.

Section Ranks.
Variables (X : eqType) (k c m e d P S : nat) (D : 'I_(m + e) -> X) (fresh : 'I_d -> X).
Variables (l s : 'I_c).
Hypotheses (D_inj : injective D) (new : forall i j, fresh i != D j) (neq_ls : l != s).

Let N := ((m + e) ^ k)%N.
Let M := (m ^ k)%N.
Let M' := ((m + d) ^ k)%N.

(** The label masses are the integers [P] and [S], and at most [S] for other labels. *)
Definition counts n (A : learner X k c) (D : 'I_n -> X) : Prop :=
  [/\ mass A D l = P%:R, mass A D s = S%:R & forall j, j != l -> mass A D j <= S%:R].

Lemma adversary_ranks : (P + S <= N)%N -> (N <= P + (c - 1) * S)%N -> (N <= P + M)%N ->
  P%:R - S%:R <= M'%:R - 2 * M%:R + N%:R :> rat ->
  exists A : learner X k c, [/\ deterministic A, counts A D
    & prob A (attack D fresh) l <= prob A (attack D fresh) s].
Proof.
move=> lo hi feas viol; have le_MN : (M <= N)%N by rewrite leq_pow // leq_addr.
have le_BP : (N - M <= P)%N by rewrite leq_subLR addnC.
have lo' : (P - (N - M) + S <= M)%N.
  by rewrite addnBAC // leq_subLR subnK.
have hi' : (M <= P - (N - M) + (c - 1) * S)%N.
  by rewrite addnBAC // -(leq_add2r (N - M)) subnKC // subnK // (leq_trans le_BP) // leq_addr.
have [t [size_t tl ts t_le]] := deal_labels neq_ls lo' hi'.
have count_core j : \sum_(u : lists k m) ((nth l t (enum_rank u) == j)%:R : rat)
    = (count_mem j t)%:R by apply: sum_ranks; rewrite size_t card_lists.
pose g (u : lists k m) := nth l t (enum_rank u).
pose A : learner X k c := learner_of D (fun i j => (i == j)%:R) g l s.
have massD j : mass A D j = (count_mem j t)%:R + (N%:R - M%:R) * (l == j)%:R.
  by rewrite mass_astar // count_core.
have massD' j : mass A (attack D fresh) j = (count_mem j t)%:R + (M'%:R - M%:R) * (s == j)%:R.
  by rewrite mass_attack // count_core.
have natP : (P - (N - M))%:R = P%:R - (N%:R - M%:R) :> rat by rewrite !natrB.
exists A; split.
- by exists (astar D g l s).
- split=> [||j neq_jl]; rewrite massD.
  + by rewrite eqxx mulr1 tl natP subrK.
  + by rewrite (negPf neq_ls) mulr0 addr0 ts.
  + by rewrite eq_sym (negPf neq_jl) mulr0 addr0 ler_nat t_le.
apply: prob_le2; rewrite !massD' eqxx eq_sym (negPf neq_ls) tl ts natP mulr0 mulr1.
by apply: (le_by1 viol); move: P%:R S%:R N%:R M%:R M'%:R => p q x y z; rat_ring.
Qed.

End Ranks.

Lemma adversary_counts (X : eqType) k c n m d P S (D : 'I_n -> X) (fresh : 'I_d -> X)
    (l s : 'I_c) : (m <= n)%N -> injective D -> (forall i j, fresh i != D j) -> l != s ->
  (P + S <= n ^ k)%N -> (n ^ k <= P + (c - 1) * S)%N -> (n ^ k <= P + m ^ k)%N ->
  P%:R - S%:R <= ((m + d) ^ k)%:R - 2 * (m ^ k)%:R + (n ^ k)%:R :> rat ->
  exists (A : learner X k c) (D' : 'I_(m + d) -> X),
    [/\ deterministic A, counts P S l s A D, share D D' m, injective fresh -> injective D'
      & prob A D' l <= prob A D' s].
Proof.
move=> le_mn; rewrite -(subnKC le_mn) in D *; move=> D_inj new neq_ls lo hi feas viol.
have [A [dA cA le_ls]] := adversary_ranks D_inj new neq_ls lo hi feas viol.
by exists A, (attack D fresh); split=> //; [apply: share_attack|apply: attack_inj].
Qed.

Section Theorem2.
Variables (X : eqType) (k c n r : nat) (D : 'I_n -> X) (fresh : 'I_r -> X) (l s : 'I_c).
Hypotheses (n_gt0 : (0 < n)%N) (D_inj : injective D) (neq_ls : l != s).
Hypothesis new : forall i j, fresh i != D j.

(** **Theorem 2**, for deterministic learners: here some size in range must be feasible. *)
Theorem theorem2_counts P S :
  (P + S <= n ^ k)%N -> (n ^ k <= P + (c - 1) * S)%N -> ~ holds k n r (P%:R - S%:R) ->
  exists (A : learner X k c) n' (D' : 'I_n' -> X),
    [/\ deterministic A, counts P S l s A D, poisoned r D D', injective fresh -> injective D'
      & ~ predicts A D' l].
Proof.
move=> lo hi; have N_gt0 : 0 < (n ^ k)%:R :> rat by rewrite ltr0n expn_gt0 n_gt0.
have gapE : gap k n (P%:R / (n ^ k)%:R) (S%:R / (n ^ k)%:R) = P%:R - S%:R.
  by rewrite /gap mulrBl !divfK // gt_eqF.
have frac_ge0 (a : nat) : 0 <= a%:R / (n ^ k)%:R :> rat by rewrite divr_ge0 ?ler0n.
rewrite -gapE => /(feasible (frac_ge0 P) (frac_ge0 S)) [n' [n'_gt0 le1 le2]].
rewrite gapE divfK ?gt_eqF // /margin ler_subl_addr -natrD ler_nat.
have [] := kept_fits le1 le2; set m := kept n n' r => le_mn le_mn' le_d fits.
move=> viol feas; have inj_widen : injective (widen_ord le_d).
  by move=> i j /(congr1 val) /= /val_inj.
have := @adversary_counts X k c n m (n' - m) P S D (fresh \o widen_ord le_d) l s le_mn D_inj.
rewrite subnKC // => /(_ (fun i => new _) neq_ls lo hi feas).
case=> [|A [D' [dA cA sh inj le_ls]]]; first by rewrite -subr_ge0.
exists A, n', D'; split=> //; last exact: not_predicts le_ls.
  by split=> //; exists m.
by move=> fresh_inj; apply: inj; apply: inj_comp fresh_inj inj_widen.
Qed.

Section Bounds.
Variables pl ps : rat.
Hypotheses (pl_ge0 : 0 <= pl) (ps_ge0 : 0 <= ps) (sum_le1 : pl + ps <= 1).

Let P := ceilq (pl * (n ^ k)%:R).
Let S := floorq (ps * (n ^ k)%:R).
Hypothesis fills : (n ^ k)%:Z <= P + (c%:Z - 1) * S.

(** The same from bounds that need not be multiples of [n^-k]: rounding costs nothing. *)
Theorem theorem2_integral : ~ holds k n r (gap_integral k n pl ps) ->
  exists (A : learner X k c) n' (D' : 'I_n' -> X),
    [/\ deterministic A, bounded A D l pl ps, poisoned r D D', injective fresh -> injective D'
      & ~ predicts A D' l].
Proof.
have N_ge0 : 0 <= (n ^ k)%:R :> rat by rewrite ler0n.
have N_gt0 : 0 < (n ^ k)%:R :> rat by rewrite ltr0n expn_gt0 n_gt0.
have /andP [_ le_P] := ceilq_itv (pl * (n ^ k)%:R).
have /andP [le_S _] := floorq_itv (ps * (n ^ k)%:R).
have P_ge0 : 0 <= P by rewrite -(ler0z rat_numDomainType) (le_trans _ le_P) // mulr_ge0.
have S_ge0 : 0 <= S by apply: floorq_ge; rewrite mulr_ge0.
have lo : P + S <= (n ^ k)%:Z.
  rewrite -ler_subr_addr; apply: ceilq_le; rewrite rmorphB /= ler_subr_addr.
  apply: le_trans (ler_add (lexx _) le_S) _; rewrite -mulrDl -pmulrn.
  by rewrite -[X in _ <= X]mul1r ler_wpmul2r.
have c_gt0 : (0 < c)%N by apply: leq_ltn_trans (ltn_ord l).
have [p eq_p] : exists p : nat, P = p by exists `|P|%N; rewrite gez0_abs.
have [q eq_q] : exists q : nat, S = q by exists `|S|%N; rewrite gez0_abs.
have gapE : gap_integral k n pl ps = p%:R - q%:R.
  by rewrite /gap_integral -/P -/S eq_p eq_q rmorphB /= !pmulrn.
move: fills lo le_P le_S; rewrite gapE -/P -/S eq_p eq_q -!pmulrn => fills' lo le_P le_S.
have hi : (n ^ k <= p + (c - 1) * q)%N.
  by rewrite -lez_nat PoszD PoszM -subzn.
case/(theorem2_counts lo hi) => A [n' [D' [dA [eq_l eq_s le_q] pD' inj no]]].
exists A, n', D'; split=> //; split=> [|j neq_jl].
  by rewrite /prob eq_l ler_pdivl_mulr.
by apply: prob_le => //; apply: le_trans le_S; apply: le_q.
Qed.

End Bounds.
End Theorem2.
