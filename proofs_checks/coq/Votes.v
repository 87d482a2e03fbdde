(** N independent votes: the counts are binomial. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Votes.
Variables (c N : nat) (p : 'I_c -> rat).
Hypothesis p_ge0 : forall j, 0 <= p j.
Hypothesis p_sum : \sum_j p j = 1.

(** An outcome says for each of N base models which label it votes for. *)
Definition votes : finType := [finType of {ffun 'I_N -> 'I_c}].
Definition weight (v : votes) : rat := \prod_i p (v i).
Definition voters (v : votes) (j : 'I_c) : {set 'I_N} := [set i | v i == j].
Definition count (v : votes) (j : 'I_c) : nat := #|voters v j|.

Lemma weight_ge0 v : 0 <= weight v.
Proof. by apply: prodr_ge0. Qed.

Lemma weight_sum : \sum_v weight v = 1.
Proof. by rewrite -(bigA_distr_bigA (fun _ => p)) /= big1 // => i _. Qed.

(** The outcomes where exactly the models of [S] vote for [j]. *)
Lemma weight_voters (j : 'I_c) (S : {set 'I_N}) :
  \sum_(v | voters v j == S) weight v = p j ^+ #|S| * (1 - p j) ^+ (N - #|S|).
Proof.
have rest : \sum_(i | i != j) p i = 1 - p j by rewrite -p_sum [in RHS](bigD1 j) //= addrC addKr.
pose Q (i : 'I_N) (l : 'I_c) := (l == j) == (i \in S).
have side i : \sum_(l | Q i l) p l = if i \in S then p j else 1 - p j.
  rewrite /Q; case: (i \in S); last by rewrite -rest; apply: eq_bigl => l; rewrite eqbF_neg.
  by rewrite (eq_bigl (pred1 j)) ?big_pred1_eq // => l; rewrite eqb_id.
have -> : \sum_(v | voters v j == S) weight v = \prod_i \sum_(l | Q i l) p l.
  rewrite bigA_distr_big_dep /=; apply: eq_bigl => v.
  apply/idP/idP => [/eqP eqS|/familyP fam].
    by apply/familyP => i; rewrite unfold_in /Q -eqS inE eqxx.
  by apply/eqP/setP => i; rewrite inE; have := fam i; rewrite unfold_in => /eqP.
rewrite (eq_bigr (fun i => if i \in S then p j else 1 - p j)) => [|i _]; last exact: side.
rewrite (bigID (mem S)) /= (eq_bigr (fun=> p j)) => [|i ->] //.
rewrite [X in _ * X](eq_bigr (fun=> 1 - p j)) => [|i /negPf ->] //.
rewrite !prodr_const; congr (_ ^+ _ * _ ^+ _).
have -> : #|[pred i | i \notin S]| = #|~: S| by apply: eq_card => i; rewrite !inE.
by rewrite cardsCs setCK card_ord.
Qed.

Theorem count_binomial (j : 'I_c) (x : nat) :
  Pr weight (fun v => x <= count v j)%N = upper_tail N x (p j).
Proof.
rewrite /Pr (partition_big (fun v => voters v j) (fun S => x <= #|S|)%N) //=.
have inner (S : {set 'I_N}) : (x <= #|S|)%N ->
  \sum_(v | (x <= count v j)%N && (voters v j == S)) weight v =
  p j ^+ #|S| * (1 - p j) ^+ (N - #|S|).
  move=> le_x; rewrite -weight_voters; apply: eq_bigl => v.
  by rewrite /count; case: eqP => [->|]; rewrite ?le_x ?andbF.
rewrite (eq_bigr _ inner) /upper_tail.
have small (S : {set 'I_N}) : (#|S| < N.+1)%N by rewrite ltnS -[X in (_ <= X)%N]card_ord max_card.
rewrite (partition_big (fun S => Ordinal (small S)) (fun i => x <= i)%N) //=.
apply: eq_bigr => i le_xi.
rewrite (eq_bigr (fun=> p j ^+ i * (1 - p j) ^+ (N - i))) => [|S /andP [_ /eqP <-]] //.
pose draws := [set S : {set 'I_N} | #|S| == i].
rewrite (eq_bigl (fun S => S \in draws)) => [|S]; last first.
  rewrite inE -val_eqE /=; case: eqP => [->|]; rewrite ?le_xi ?andbF //.
by rewrite sumr_const card_draws card_ord -mulr_natl mulrA.
Qed.

Lemma count_le v j : (count v j <= N)%N.
Proof. by rewrite -[X in (_ <= X)%N](card_ord N) max_card. Qed.

(** Clopper-Pearson's lower bound has its level: it misses a label's probability only from
    the least count on at which it does. *)
Theorem lower_level (low : nat -> rat) (b : rat) (j : 'I_c) : 0 <= b ->
  (forall y, (y <= N)%N -> p j < low y -> low y <= 1 /\ upper_tail N y (low y) <= b) ->
  Pr weight (fun v => p j < low (count v j)) <= b.
Proof.
move=> b_ge0 level.
have [/existsP [y0 lt_y0]|/existsPn none] := boolP [exists y : 'I_N.+1, p j < low y].
  have ex_y : exists y, (y <= N)%N && (p j < low y) by exists y0; rewrite lt_y0 -ltnS ltn_ord.
  case: (ex_minnP ex_y) => y /andP [le_yN lt_y] min_y; have [low_le1 tail] := level y le_yN lt_y.
  apply: le_trans tail; apply: le_trans (upper_tail_mono _ _ (p_ge0 j) (ltW lt_y) low_le1).
  rewrite -count_binomial; apply: Pr_le weight_ge0 _ _ _ => v lt_v.
  by apply: min_y; rewrite count_le.
rewrite /Pr big_pred0 // => v; apply/negbTE.
by have := none (inord (count v j)); rewrite inordK // ltnS count_le.
Qed.

(** cohen for votes, with no assumption about probabilities left. *)
Theorem cohen_votes (C : procedure votes c) (low : nat -> rat) (x : nat) (t : 'I_c) (b : rat) :
  (forall j, p j <= p t) ->
  (forall v j, lower C v j = low (count v j)) ->
  (forall y, (y <= N)%N -> low y <= 0 \/ low y <= 1 /\ upper_tail N y (low y) <= b) ->
  (forall v, issued C v -> (x <= count v (label C v))%N) ->
  (N < 2 * x)%N -> upper_tail N x (1 / 2) <= b ->
  Pr weight (wrong C p (p_rest C)) <= 2 * b.
Proof.
move=> top lowE level rule maj rare.
have b_ge0 : 0 <= b by apply: le_trans rare; apply: upper_tail_ge0.
apply: (cohen weight_ge0 p_ge0 p_sum top rule maj _ rare) => [j|].
  exact: count_binomial.
have sub v : lower_fails C p t v -> p t < low (count v t) by rewrite /lower_fails lowE.
apply: le_trans (Pr_le weight_ge0 sub) _; apply: lower_level => // y le_yN lt_y.
case: (level y le_yN) => // le0.
by have := lt_le_trans lt_y le0; rewrite ltNge p_ge0.
Qed.

End Votes.
