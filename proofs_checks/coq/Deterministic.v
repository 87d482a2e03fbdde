(** Theorem 2 for deterministic learners: the ranks of the shared lists are dealt in
    blocks of whole lists, as in the paper. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Radius Theorem1 Linear Feasible Adversary
  Randomised Theorem2.
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
pose others := [pred j : 'I_c | (j != l) && (j != s)].
have card_others : #|others| = (c - 2)%N.
  have -> : #|others| = #|~: [set l; s]| by apply: eq_card => j; rewrite !inE negb_or.
  by rewrite cardsCs setCK cards2 neq_ls card_ord.
have c_ge2 : (2 <= c)%N by have := max_card (mem [set l; s]); rewrite cards2 neq_ls card_ord.
pose rest := flatten [seq nseq b j | j <- enum others].
have count_rest j : count_mem j rest = (others j * b)%N.
  rewrite count_flatten sumnE !big_map big_enum_cond.
  rewrite (eq_bigr (fun i => (i == j) * b)%N) => [|i _]; last by rewrite count_nseq.
  rewrite (eq_bigl others) => [|i]; last by rewrite andbT.
  have [in_j|out_j] := boolP (others j); last first.
    by rewrite big1 // => i in_i; case: eqP => // eq_ij; case/negP: out_j; rewrite -eq_ij.
  by rewrite (bigD1 j) // eqxx big1 /= ?addn0 // => i /andP [_ /negPf ->].
have size_rest : size rest = ((c - 2) * b)%N.
  rewrite size_flatten /shape -map_comp (eq_map (fun i => size_nseq b i)).
  by rewrite sumnE big_map big_enum sum_nat_const card_others.
have fits : (total - a - b <= size rest)%N.
  by rewrite size_rest -subnDA leq_subLR -addnA -mulSn -subSn // subSS.
exists (nseq a l ++ nseq b s ++ take (total - a - b) rest).
have take_le j : (count_mem j (take (total - a - b) rest) <= others j * b)%N.
  by rewrite -count_rest -{2}(cat_take_drop (total - a - b) rest) count_cat leq_addr.
have none j : others j = false -> count_mem j (take (total - a - b) rest) = 0%N.
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
