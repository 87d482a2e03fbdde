(** The sign test behind selected: whichever of two labels is less probable wins it with
    probability at most the test's level. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails Votes.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** [u] of [M] votes are too many for a fair coin. *)
Definition rare_at (b : rat) (M u : nat) : bool := upper_tail M u (1 / 2) <= b.

(** Given that [M] votes went to either label, with shares [q] and [s - q]. *)
Lemma rare_mass (b q s : rat) (M : nat) : 0 <= b -> 0 <= q -> 2 * q <= s ->
  \sum_(u < M.+1 | rare_at b M u) ('C(M, u))%:R * (q ^+ u * (s - q) ^+ (M - u)) <= b * s ^+ M.
Proof.
move=> b_ge0 q_ge0 le_q; have s_ge0 : 0 <= s by apply: le_trans le_q; rewrite mulr_ge0.
have [/existsP [u0 rare0]|/existsPn none] := boolP [exists u : 'I_M.+1, rare_at b M u]; last first.
  rewrite big_pred0 => [|u]; first by rewrite mulr_ge0 ?exprn_ge0.
  by apply/negbTE/none.
have ex_u : exists u, rare_at b M u by exists u0.
case: (ex_minnP ex_u) => x rare_x min_x.
have le_qs : q <= s by apply: le_trans le_q; rewrite mulr_natl mulr2n ler_addl.
have term_ge0 (u : 'I_M.+1) : 0 <= ('C(M, u))%:R * (q ^+ u * (s - q) ^+ (M - u)).
  by rewrite !mulr_ge0 ?ler0n ?exprn_ge0 // subr_ge0.
apply: (@le_trans _ _ (\sum_(u < M.+1 | (x <= u)%N)
    ('C(M, u))%:R * (q ^+ u * (s - q) ^+ (M - u)))).
  rewrite big_mkcond [leRHS]big_mkcond; apply: ler_sum => u _.
  by case: ifP => [/min_x ->//|_]; case: ifP.
have [s0|s_neq0] := eqVneq s 0.
  have q0 : q = 0 by apply/eqP; rewrite eq_le q_ge0 andbT -s0.
  case: M x rare_x {min_x ex_u u0 rare0 term_ge0} => [|M] x rare_x.
    rewrite s0 q0 subrr !expr0 mulr1 big_mkcond big_ord_recl big_ord0 /= addr0.
    apply: le_trans rare_x; rewrite /upper_tail big_mkcond big_ord_recl big_ord0 /= addr0.
    by case: ifP => // _; rewrite bin0 !expr0 !mulr1.
  rewrite s0 q0 subrr expr0n mulr0 big1 // => -[[|u] lt_u] _ /=.
    by rewrite subn0 !expr0n /= !mulr0.
  by rewrite [0 ^+ u.+1]expr0n /= mul0r mulr0.
have s_gt0 : 0 < s by rewrite lt_neqAle eq_sym s_neq0.
have -> : \sum_(u < M.+1 | (x <= u)%N) ('C(M, u))%:R * (q ^+ u * (s - q) ^+ (M - u)) =
    upper_tail M x (q / s) * s ^+ M.
  rewrite /upper_tail mulr_suml; apply: eq_bigr => u _.
  have le_uM : (u <= M)%N by rewrite -ltnS.
  have -> : 1 - q / s = (s - q) / s by rewrite mulrBl divff.
  rewrite !expr_div_n -[in s ^+ M](subnKC le_uM) exprD.
  have := mulVf (expf_neq0 u s_neq0); have := mulVf (expf_neq0 (M - u) s_neq0).
  move: ('C(M, u)%:R) (q ^+ u) ((s - q) ^+ (M - u)) (s ^+ u) (s ^+ (M - u)) => C A B X Y.
  move: (X^-1) (Y^-1) => X' Y' eqY eqX.
  have -> : C * (A * B) = C * (A * B) * ((X' * X) * (Y' * Y)) by rewrite eqX eqY !mulr1.
  by rat_ring.
apply: ler_wpmul2r; first by rewrite exprn_ge0.
apply: le_trans rare_x; apply: upper_tail_mono => //; first by rewrite divr_ge0.
by rewrite ler_pdivr_mulr // mul1r ler_pdivl_mull.
Qed.

(** More votes only help: a test that is passed against the next count is passed against all. *)
Lemma upper_tail_more N M x q : 0 <= q <= 1 -> (N <= M)%N -> upper_tail N x q <= upper_tail M x q.
Proof.
move=> q01 /subnKC <-; elim: (M - N)%N => [|d IH]; first by rewrite addn0.
apply: le_trans IH _; rewrite addnS upper_tailS.
have /andP [q_ge0 _] := q01; have le := upper_tail_anti (N + d) q01 (leq_pred x).
rewrite -subr_ge0 in le; apply: (le_by (mulr_ge0 q_ge0 le)); rat_ring.
Qed.

Lemma rare_next (b : rat) (u m m' : nat) : (m <= m')%N -> rare_at b (u + m') u -> rare_at b (u + m) u.
Proof. by move=> le_m; apply: le_trans; apply: upper_tail_more => //; rewrite leq_add2l. Qed.

Section Sign.
Variables (c N : nat) (p : 'I_c -> rat) (j t : 'I_c).
Hypotheses (p_ge0 : forall i, 0 <= p i) (p_sum : \sum_i p i = 1).
Hypotheses (j_t : j != t) (le_jt : p j <= p t).

Let s := p j + p t.
Definition either (v : votes c N) : {set 'I_N} := [set i | (v i == j) || (v i == t)].

(** The outcomes where the models of [S] vote for either, and those of [U] for [j]. *)
Lemma weight_either (S U : {set 'I_N}) : U \subset S ->
  \sum_(v | (either v == S) && (voters v j == U)) weight p v =
  p j ^+ #|U| * (s - p j) ^+ (#|S| - #|U|) * (1 - s) ^+ (N - #|S|).
Proof.
move=> sub_US; have rest : \sum_(l | (l != j) && (l != t)) p l = 1 - s.
  by rewrite -p_sum [in RHS](bigD1 j) //= [in RHS](bigD1 t) ?(eq_sym t) //= addrA addrC addKr.
pose Q (i : 'I_N) (l : 'I_c) :=
  (((l == j) || (l == t)) == (i \in S)) && ((l == j) == (i \in U)).
pose side (i : 'I_N) := if i \in U then p j else if i \in S then s - p j else 1 - s.
have sideE i : \sum_(l | Q i l) p l = side i.
  rewrite /Q /side; have [iU|iU] := boolP (i \in U).
    rewrite (subsetP sub_US _ iU) (eq_bigl (pred1 j)) ?big_pred1_eq // => l /=.
    by case: (l == j); rewrite ?andbF.
  case: (i \in S).
    rewrite /s [p j + _]addrC addrK (eq_bigl (pred1 t)) ?big_pred1_eq // => l /=.
    by have [->|l_j] := eqVneq l j; rewrite ?(negPf j_t) /= ?eqb_id ?andbT ?andbF.
  by rewrite -rest; apply: eq_bigl => l /=; case: (l == j); case: (l == t).
have -> : \sum_(v | (either v == S) && (voters v j == U)) weight p v = \prod_i side i.
  rewrite -(eq_bigr _ (fun i _ => sideE i)) bigA_distr_big_dep /=; apply: eq_bigl => v.
  apply/idP/idP => [/andP [/eqP eqS /eqP eqU]|/familyP fam].
    by apply/familyP => i; rewrite unfold_in /Q -eqS -eqU !inE !eqxx.
  apply/andP; split; apply/eqP/setP => i; rewrite inE; have := fam i;
    by rewrite unfold_in => /andP [/eqP ? /eqP].
rewrite (bigID (mem U)) /= (eq_bigr (fun=> p j)) => [|i iU]; last by rewrite /side iU.
rewrite prodr_const -mulrA; congr (_ * _).
rewrite (bigID (mem S)) /= (eq_bigr (fun=> s - p j)) => [|i /andP [/negPf iU iS]]; last first.
  by rewrite /side iU iS.
rewrite [X in _ * X](eq_bigr (fun=> 1 - s)) => [|i /andP [/negPf iU /negPf iS]]; last first.
  by rewrite /side iU iS.
rewrite !prodr_const; congr (_ ^+ _ * _ ^+ _).
  rewrite -(cardsID U S) (setIidPr sub_US) addKn.
  by apply: eq_card => i; rewrite !inE.
rewrite -[X in (X - _)%N](card_ord N) -(cardsC S) addKn.
apply: eq_card => i; rewrite in_setC; apply: andb_idl; apply: contra.
exact: (subsetP sub_US).
Qed.

Lemma count_either (v : votes c N) : (count v j + count v t = #|either v|)%N.
Proof.
have -> : either v = voters v j :|: voters v t by apply/setP => i; rewrite !inE.
rewrite cardsU (_ : _ :&: _ = set0) ?cards0 ?subn0 //.
apply/setP => i; rewrite !inE; apply/negbTE/negP => /andP [/eqP ->].
by apply/negP.
Qed.

(** Given who votes for either, [j] wins with probability at most the level. *)
Lemma sign_given (b : rat) (S : {set 'I_N}) : 0 <= b ->
  \sum_(v | (either v == S) && rare_at b (count v j + count v t) (count v j)) weight p v <=
  b * (s ^+ #|S| * (1 - s) ^+ (N - #|S|)).
Proof.
move=> b_ge0; have r_ge0 : 0 <= 1 - s.
  rewrite -p_sum (bigD1 j) //= (bigD1 t) 1?eq_sym //= addrA addrC addKr.
  by apply: sumr_ge0.
have small (U : {set 'I_N}) : (#|U :&: S| < #|S|.+1)%N by rewrite ltnS subset_leq_card // subsetIr.
rewrite (partition_big (fun v => voters v j)
  (fun U => (U \subset S) && rare_at b #|S| #|U|)) /= => [|v]; last first.
  case/andP=> /eqP <-; rewrite count_either => ->; rewrite andbT.
  by apply/subsetP => i; rewrite !inE => ->.
have inner (U : {set 'I_N}) : (U \subset S) && rare_at b #|S| #|U| ->
  \sum_(v | (either v == S) && rare_at b (count v j + count v t) (count v j)
             && (voters v j == U)) weight p v =
  p j ^+ #|U| * (s - p j) ^+ (#|S| - #|U|) * (1 - s) ^+ (N - #|S|).
  case/andP=> sub_US rareU; rewrite -weight_either //; apply: eq_bigl => v.
  rewrite count_either /count; case: eqP => [->|] //=.
  by case: eqP => [->|]; rewrite ?rareU ?andbF.
rewrite (eq_bigr _ inner) -mulr_suml mulrA; apply: ler_wpmul2r; first by rewrite exprn_ge0.
apply: le_trans (rare_mass #|S| b_ge0 (p_ge0 j) _); last first.
  by rewrite mulr_natl mulr2n ler_add2l.
rewrite (partition_big (fun U : {set 'I_N} => Ordinal (small U))
  (fun u => rare_at b #|S| u)) /= => [|U /andP [sub_US]]; last by rewrite (setIidPl sub_US).
apply: ler_sum => u rare_u.
pose draws := [set U : {set 'I_N} | U \subset S & #|U| == u].
rewrite (eq_bigr (fun=> p j ^+ u * (s - p j) ^+ (#|S| - u))) => [|U]; last first.
  by case/andP=> /andP [sub_US _]; rewrite -val_eqE /= (setIidPl sub_US) => /eqP ->.
rewrite (eq_bigl (fun U => U \in draws)) => [|U]; last first.
  rewrite inE -val_eqE /=; case: (boolP (U \subset S)) => //= sub_US.
  by rewrite (setIidPl sub_US); case: eqP => [->|]; rewrite ?rare_u ?andbF.
by rewrite sumr_const cards_draws mulr_natl.
Qed.

Theorem sign_level (b : rat) : 0 <= b ->
  Pr (weight p) (fun v : votes c N => rare_at b (count v j + count v t) (count v j)) <= b.
Proof.
move=> b_ge0; rewrite /Pr (partition_big either xpredT) //=.
apply: (@le_trans _ _ (\sum_(S : {set 'I_N}) b * (s ^+ #|S| * (1 - s) ^+ (N - #|S|)))).
  apply: ler_sum => S _; apply: le_trans (sign_given S b_ge0).
  by rewrite (eq_bigl _ _ (fun v => andbC _ _)).
rewrite -mulr_sumr -[leRHS]mulr1 ler_wpmul2l //.
pose two (l : 'I_2) := if l == ord0 then s else 1 - s.
have two_sum : \sum_l two l = 1 by rewrite !big_ord_recl big_ord0 /two /= addr0 addrC subrK.
suff -> : \sum_(S : {set 'I_N}) s ^+ #|S| * (1 - s) ^+ (N - #|S|) = 1 by [].
apply: etrans (weight_sum N two_sum).
rewrite [RHS](partition_big (fun v => voters v ord0) xpredT) //=.
by apply: eq_bigr => S _; rewrite (weight_voters two_sum).
Qed.

End Sign.
