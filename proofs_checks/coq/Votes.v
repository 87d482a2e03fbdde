(** N independent votes: the counts are binomial. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen.
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

End Votes.
