(** No hypothesis of Theorem 2 can be dropped: for each a case in which (4) fails and yet
    every learner that eq (2) admits survives. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Rounding Theorem1 Attacks Corollaries.
From Bagcert Require Import Linear Randomised Exact.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** The violations: one example drawn and one changed, of three or of one. *)
Lemma fails_at_one (G : rat) : G <= 2 -> ~ holds 1 3 1 G.
Proof.
move=> le_G /(_ 3%N isT isT isT); rewrite ltNge => /negP []; rewrite subr_ge0.
by apply: le_trans le_G _.
Qed.

Lemma fails_alone (G : rat) : G <= 2 -> ~ holds 1 1 1 G.
Proof.
move=> le_G /(_ 1%N isT isT isT); rewrite ltNge => /negP []; rewrite subr_ge0.
by apply: le_trans le_G _.
Qed.

Section Certain.
Variables (X : Type) (c : nat) (D : 'I_3 -> X) (l : 'I_c) (A : learner X 1 c).
Hypothesis lA : is_learner A.

Let others_ge0 : 0 <= \sum_(j | j != l) mass A D j.
Proof. by apply: sumr_ge0 => j _; apply: mass_ge0. Qed.

Let sum_others : mass A D l + \sum_(j | j != l) mass A D j = 3%:R.
Proof. by rewrite -(sum_mass D lA) [RHS](bigD1 l). Qed.

(** A learner that answers [l] on every list survives one change in three. *)
Lemma certain_survives : 1 <= prob A D l ->
  forall n' (D' : 'I_n' -> X), poisoned 1 D D' -> predicts A D' l.
Proof.
move=> ge1; have mass_l : 3%:R <= mass A D l.
  by move: ge1; rewrite /prob ler_pdivl_mulr // mul1r.
apply: (@no_residual X 1 c A 3 D l 1 0 1 lA); first split=> // [j neq_jl].
  rewrite /prob ler_pdivr_mulr // mul0r; apply: le_trans (_ : \sum_(i | i != l) mass A D i <= 0).
    by rewrite (bigD1 j) //= ler_addl sumr_ge0 // => i _; apply: mass_ge0.
  by rewrite -(ler_add2l (mass A D l)) addr0 sum_others.
move=> [|[|[|[|[|n']]]]] // n'_gt0 le1 le2.
Qed.

(** If no other label is ever answered then [l] always is. *)
Lemma certain_none : (forall j, j != l -> mass A D j <= 0) -> 1 <= prob A D l.
Proof.
move=> none; rewrite /prob ler_pdivl_mulr // mul1r -sum_others ger_addl -oppr_ge0 -sumrN.
by apply: sumr_ge0 => j /none; rewrite oppr_ge0.
Qed.

End Certain.

(** Without [pl + ps <= 1]: [pl] = 1 leaves nothing to the other label, whatever [ps] says. *)
Lemma needs_sum_le1 (X : eqType) (D : 'I_3 -> X) (l : 'I_2) (pl := 1 : rat) (ps := 1 / 2 : rat) :
  survives 1 D l pl ps 1 /\ ~ holds 1 3 1 (gap 1 3 pl ps).
Proof.
split; last exact: fails_at_one.
by move=> A lA [ge1 _]; apply: certain_survives.
Qed.

(** Without [pl + (c - 1) ps >= 1]: the others have nothing, so that [l] has everything. *)
Lemma needs_sum_ge1 (X : eqType) (D : 'I_3 -> X) (l : 'I_2) (pl := 1 / 2 : rat) (ps := 0 : rat) :
  survives 1 D l pl ps 1 /\ ~ holds 1 3 1 (gap 1 3 pl ps).
Proof.
split; last exact: fails_at_one.
move=> A lA [_ le0]; apply: certain_survives => //; apply: certain_none => // j /le0.
by rewrite /prob ler_pdivr_mulr // mul0r.
Qed.

(** Without [n^k <= P + (c - 1) S], for deterministic learners: [S] = 0 does the same. *)
Lemma needs_fills (X : eqType) (D : 'I_3 -> X) (l : 'I_3) (pl := 3 / 5 : rat) (ps := 1 / 5 : rat) :
  survives_deterministic 1 D l pl ps 1 /\ ~ holds 1 3 1 (gap_integral 1 3 pl ps).
Proof.
split; last exact: fails_at_one.
move=> A dA [_ le_ps]; have lA := deterministic_learner dA.
apply: certain_survives => //; apply: certain_none => // j /le_ps.
rewrite /prob ler_pdivr_mulr // deterministic_mass //; move: #|_| => i le_i.
have : i%:R < 1%:R :> rat by apply: le_lt_trans le_i _.
by rewrite ltr_nat ltnS leqn0 => /eqP ->.
Qed.

(** All values equal: every list is one and the same. *)
Lemma mass_const X k c (A : learner X k c) m (x : X) j :
  mass A (fun _ : 'I_m => x) j = (m ^ k)%:R * A [tuple x | i < k] j.
Proof.
rewrite /mass (eq_bigr (fun=> A [tuple x | i < k] j)) => [|w _].
  by rewrite sumr_const card_lists mulr_natl.
by congr (A _ j); apply: eq_from_tnth => i; rewrite !tnth_mktuple.
Qed.

(** Without a new value: in a one-point space no attack changes any probability. *)
Lemma needs_new (D : 'I_1 -> unit) (l : 'I_2) (pl := 1 : rat) (ps := 0 : rat) :
  survives 1 D l pl ps 1 /\ ~ holds 1 1 1 (gap 1 1 pl ps).
Proof.
split=> [A lA [ge1 le0] n' D' [n'_gt0 _] j neq_jl|]; last exact: fails_alone.
have prob_const n (E : 'I_n -> unit) i : (0 < n)%N -> prob A E i = A [tuple tt | i < 1] i.
  move=> n_gt0; rewrite /prob (@eq_mass _ _ _ A _ E (fun=> tt)) => [|a]; last by case: (E a).
  by rewrite mass_const mulrC mulKf // pnatr_eq0 expn1 -lt0n.
have := le0 j neq_jl; move: ge1; rewrite !prob_const // => ge1 le0j.
by apply: le_lt_trans le0j (lt_le_trans _ ge1).
Qed.

(** Without [D] injective: copies of one value cannot be told apart by the learner. *)
Lemma needs_injective (X : eqType) (x : X) (l : 'I_2) (pl := 4 / 5 : rat) (ps := 1 / 5 : rat) :
  survives 1 (fun _ : 'I_3 => x) l pl ps 1 /\ ~ holds 1 3 1 (gap 1 3 pl ps).
Proof.
split; last exact: fails_at_one.
move=> A lA [ge_pl _] n' D' [n'_gt0 [m [[f [g [f_inj g_inj eq_fg]]] le_m]]].
have [le_3m le_n'm] := (leq_trans (leq_maxl _ _) le_m, leq_trans (leq_maxr _ _) le_m).
have a_ge : 4%:R <= A [tuple x | i < 1] l * 5%:R.
  by move: ge_pl; rewrite /prob mass_const mulrC mulKf // -ler_pdivr_mulr.
have L_ge : m%:R * 4%:R <= mass A D' l * 5%:R.
  have /andP [sub_le _] := mass_sub D' g_inj l lA.
  apply: le_trans (ler_wpmul2r _ sub_le) => //.
  by rewrite -(eq_mass _ _ eq_fg) mass_const expn1 -mulrA ler_wpmul2l.
apply: predicts_mass => j neq_jl; have := sum_mass D' lA.
rewrite (bigD1 l) //= (bigD1 j) //= expn1 => sum_n'.
have rest_ge0 : 0 <= \sum_(i | (i != l) && (i != j)) mass A D' i.
  by apply: sumr_ge0 => i _; apply: mass_ge0.
have lt_58 : (n' * 5 < m * 8)%N by nat_lia.
rewrite ltNge; apply/negP => le_lj; move: lt_58; rewrite -(ltr_nat rat_numDomainType) ltNge.
case/negP; rewrite !natrM -sum_n'.
have five_ge0 := ler0n rat_numDomainType 5.
apply: (le_by3 (ler_add L_ge L_ge) (ler_wpmul2r five_ge0 le_lj) (ler_wpmul2r five_ge0 rest_ge0)).
by move: (\sum_(_ | _) _) (mass A D' l) (mass A D' j) => R L J; rat_ring.
Qed.

(** Without a second label there is nothing to lose to. *)
Lemma needs_labels (X : eqType) (D : 'I_1 -> X) (l : 'I_1) (pl := 1 : rat) (ps := 0 : rat) :
  survives 1 D l pl ps 1 /\ ~ holds 1 1 1 (gap 1 1 pl ps).
Proof.
split=> [A _ _ n' D' _ j|]; last exact: fails_alone.
by rewrite (ord1 j) (ord1 l).
Qed.

(** Without [ps >= 0] no learner meets eq (2) at all. *)
Lemma needs_ps_ge0 (X : eqType) (D : 'I_1 -> X) (l : 'I_2) (pl := 3 / 2 : rat)
    (ps := - (1 / 2) : rat) :
  survives 1 D l pl ps 1 /\ ~ holds 1 1 1 (gap 1 1 pl ps).
Proof.
split=> [A lA [ge_pl _]|]; last exact: fails_alone.
have := sum_mass D lA; rewrite (bigD1 l) //= => sum1.
have : prob A D l <= 1.
  rewrite /prob ler_pdivr_mulr // mul1r -sum1 ler_addl sumr_ge0 // => i _.
  exact: mass_ge0.
by move=> /(le_trans ge_pl).
Qed.

(** Without [r < n] for deletion: there is no attack that deletes everything. *)
Lemma needs_lt_delete (X : eqType) (D : 'I_1 -> X) (l : 'I_2) (pl := 1 : rat) (ps := 0 : rat) :
  survives_delete 1 D l pl ps 1 /\ ~ delete_ok 1 1 1 (gap 1 1 pl ps).
Proof.
split=> // A lA bA n' D' [n'_gt0 [sh _]].
by apply: (leads_delete (r := 0) (bounded_leads lA bA)) => //; split=> //; rewrite addn0.
Qed.

(** The conclusion cannot be strengthened either. [l] need not fall behind: where the margin
    is 0 at best no label overtakes it, for any learner, and a tie is all there is. *)
Lemma tie_is_all (X : Type) (D : 'I_3 -> X) (l : 'I_2) (pl := 5 / 6 : rat) (ps := 1 / 6 : rat) :
  ~ holds 1 3 1 (gap 1 3 pl ps) /\
  forall A : learner X 1 2, is_learner A -> bounded A D l pl ps ->
  forall n' (D' : 'I_n' -> X), poisoned 1 D D' -> forall j, prob A D' j <= prob A D' l.
Proof.
split=> [|A lA bA n' D' [n'_gt0 [m [sh le_m]]] j]; first exact: fails_at_one.
have [->//|neq_jl] := eqVneq j l.
have [_ /(_ j neq_jl) lead] := bounded_leads lA bA.
have low := transfer_lower l lA sh; have high := transfer_upper j lA sh.
have [le_3m le_n'm] := (leq_trans (leq_maxl _ _) le_m, leq_trans (leq_maxr _ _) le_m).
have : (n' + 3 <= m + m + 2)%N by nat_lia.
rewrite -(ler_nat rat_numDomainType) !natrD => sizes; rewrite !expn1 in low high.
have lead2 : 2%:R <= mass A D l - mass A D j by apply: le_trans lead.
apply: prob_le2; apply: (le_by3 low high (ler_add lead2 sizes)).
move: (mass A D l) (mass A D j) (mass A D' l) (mass A D' j) n'%:R m%:R 2%:R 3%:R.
by move=> x y x' y' a b two three; rat_ring.
Qed.

(** Erratum 4. At the size that the paper chooses, the maximiser of (57), the lists that leave
    the shared part may outnumber [l]'s: then its [R] does not exist there. *)
Lemma paper_infeasible (pl := 3 / 5 : rat) (ps := 1 / 5 : rat) (G := gap 1 3 pl ps) :
  [/\ forall n', (0 < n')%N -> (3 <= n' + 2)%N -> (n' <= 3 + 2)%N ->
        margin 1 3 n' 2 G <= margin 1 3 3 2 G,
      0 <= margin 1 3 3 2 G & pl * (3 ^ 1)%:R < (3 ^ 1)%:R - (kept 3 3 2 ^ 1)%:R].
Proof.
split=> // [] [|[|[|[|[|[|n']]]]]] // _ _ _.
Qed.

(** The lemma that a feasible size exists needs [ps >= 0]: here no violating size is feasible. *)
Lemma feasible_needs_ps (pl := 0 : rat) (ps := - 1 : rat) (G := gap 1 3 pl ps) :
  ~ holds 1 3 2 G /\
  forall n', (0 < n')%N -> (3 <= n' + 2)%N -> (n' <= 3 + 2)%N -> 0 <= margin 1 3 n' 2 G ->
  pl * (3 ^ 1)%:R < (3 ^ 1)%:R - (kept 3 n' 2 ^ 1)%:R.
Proof.
split; last by move=> [|[|[|[|[|[|n']]]]]].
by move=> /(_ 3%N isT isT isT); rewrite ltNge => /negP [].
Qed.
