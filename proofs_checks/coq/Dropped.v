(** Three hypotheses of [file_end_to_end] that cannot be dropped: for each a file that the judge
    accepts, and an experiment in which it is false more often than alpha. (Of the fourth,
    [is_joint], [suits] says half: that each example's answers have probabilities.) *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Judge.
From Bagcert Require Import Setting Arith Counting Confidence Claims Checked Guarantee Votes.
From Bagcert Require Import Needed Sampling Rows Levels OneExample EndToEnd Bytes.
From Bagcert Require Printer Document Accepted.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** ** The files: one or two rows, all votes for one label of two *)

Definition first_line (n models examples p q : N) s a r : Document.header :=
  Document.Header n 1 2 models examples p q Document.Cohen s a r None None.

Definition line_of (index : N) (counts : seq N) (label t radius : N) (worst : option N) :
    Document.row :=
  Document.Row index counts
    (Document.Certificate label (Document.Grid.spelled t)
       (Document.Grid.spelled (9007199254740992 - t)) radius worst) None.

Definition no_digest (_ : text) : text := [::].
Definition last_line (rows : seq Document.row) : Document.summary :=
  Document.Summary (N.of_nat (size rows)) [::] None.

Definition bytes_of (h : Document.header) (rows : seq Document.row) : text :=
  Printer.Print.line (Document.Encode.header h) ++
  flatten [seq Printer.Print.line (Document.Encode.row r) | r <- rows] ++
  Printer.Print.line (Document.Encode.summary (last_line rows)).

Definition judged (h : Document.header) (rows : seq Document.row) : bool :=
  Accepted.accepts no_digest h (Printer.Print.line (Document.Encode.header h))
    [seq (Printer.Print.line (Document.Encode.row r), r, (0, 0)%num) | r <- rows]
    (Printer.Print.line (Document.Encode.summary (last_line rows)), last_line rows).

Lemma judged_valid h rows : judged h rows = true ->
  valid no_digest (bytes_of h rows) h rows (last_line rows).
Proof.
move=> ok; exists (Printer.Print.line (Document.Encode.header h)).
exists [seq (Printer.Print.line (Document.Encode.row r), r, (0, 0)%num) | r <- rows].
exists (Printer.Print.line (Document.Encode.summary (last_line rows))).
by split; [rewrite -map_comp | rewrite -map_comp -[LHS]map_id | exact: ok].
Qed.

(** The residual for learners without randomness: two votes, all for label 0. *)
Definition head_suits := first_line 2 2 1 11 20 Document.Simultaneous Delete Integral.
Definition rows_suits := [:: line_of 0 [:: 2; 0]%num 0 4723415137801973 1 None].
Lemma suits_judged : judged head_suits rows_suits = true. Proof. by vm_compute. Qed.

(** Two votes for one of two labels: a row about either of two examples, or about both. *)
Definition all_for (j : 'I_2) : seq N := if j == ord0 then [:: 2; 0]%num else [:: 0; 2]%num.
Definition row_for (i j : 'I_2) : Document.row :=
  line_of (N.of_nat i) (all_for j) (N.of_nat j) 4933446211765362 0 (Some 1%num).
Definition head_one := first_line 1 2 1 3 5 Document.Simultaneous Modify NoResidual.
Definition head_each := first_line 1 2 2 3 5 Document.Each Modify NoResidual.
Definition rows_each (j : 'I_2) := [:: row_for ord0 j; row_for (lift ord0 ord0) j].
Lemma one_judged i j : judged head_one [:: row_for i j] = true.
Proof. by case: i => [[|[|i]] i_lt] //; case: j => [[|[|j]] j_lt] //; vm_compute. Qed.
Lemma each_judged j : judged head_each (rows_each j) = true.
Proof. by case: j => [[|[|j]] j_lt] //; vm_compute. Qed.

(** ** The event, as Statements.v has it *)
Section Event.
Variables (h : header) (X : Type) (e : nat) (D : 'I_(N.to_nat (h_n h)) -> X).
Variable J : joint X (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e.
Let outs := outcome (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e (N.to_nat (h_models h))
  (N.to_nat (h_n h)).
Variables (author : outs -> text) (digest : text -> text) (number : 'I_e -> N).

Definition false_file (o : outs) : Prop := exists head rows s,
  [/\ valid digest (author o) head rows s, experiment head = h
    & exists i row l lo up r worst n' (D' : 'I_n' -> X),
  [/\ List.In row rows, Document.r_index row = number i,
      Document.r_counts row = vote_counts (votes_of o i),
      Document.r_outcome row = Document.Certificate l lo up r worst
    & reaches (h_attack h) (N.to_nat r) D D' /\
      ~ exists j : 'I_(N.to_nat (h_classes h)),
          N.to_nat l = j /\ predicts (at_example J i) D' j]].

Definition bounded_by_alpha : Prop :=
  at_most (chance D J) false_file (level_factor h * fraction (h_num h) (h_den h)).
End Event.

(** An event that need not be decidable is as likely as its decidable parts. *)
Lemma at_most_part (T : finType) (P : T -> rat) (E : T -> Prop) (F : pred T) a :
  (forall o, 0 <= P o) -> (forall o, F o -> E o) -> at_most P E a -> Pr P F <= a.
Proof. by move=> P0 FE [B [le EB]]; apply: le_trans le; apply: Pr_le => // o /FE /EB. Qed.

Lemma fractions (a b c d : nat) : (0 < b)%N -> (0 < d)%N ->
  a%:R / b%:R <= c%:R / d%:R :> rat -> (a * d <= c * b)%N.
Proof.
by move=> b0 d0; rewrite ler_pdivr_mulr ?ltr0n // mulrAC ler_pdivl_mulr ?ltr0n // -!natrM ler_nat.
Qed.

Lemma counts_for (v : votes 2 2) (j : 'I_2) : (forall m, v m = j) -> vote_counts v = all_for j.
Proof.
move=> all_j; have one i : count v i = if i == j then 2%N else 0%N.
  rewrite /count /voters; case: eqP => [->|/eqP ne].
    by rewrite (_ : [set _ | _] = setT) ?cardsT ?card_ord //; apply/setP => m; rewrite !inE all_j eqxx.
  by apply: eq_card0 => m; rewrite inE all_j eq_sym (negPf ne).
rewrite /vote_counts !enum_ordSl /= !one; case: j {all_j one} => [[|[|j]] j_lt] //;
  by rewrite /all_for -!val_eqE /= ?(enum_ord0).
Qed.

(** ** Two examples, each answered by an unbiased coin *)
Definition coins : joint unit 1 2 2 := fun _ _ => 1 / 4.
Definition Dcoins : 'I_1 -> unit := fun _ => tt.
Notation outs := (outcome 1 2 2 2 1).

Definition agree (o : outs) (ij : 'I_2 * 'I_2) : bool := [forall m, (o m).2 ij.1 == ij.2].

Lemma card_answers : #|answers 2 2| = 4%N.
Proof. by rewrite card_ffun !card_ord. Qed.

Lemma coins_joint : is_joint coins.
Proof.
by split=> // w; rewrite /coins sumr_const card_answers.
Qed.

Lemma chance_coins (o : outs) : chance Dcoins coins o = 1 / 16%:R.
Proof. by rewrite /chance !big_ord_recl big_ord0 /coins exp1n. Qed.

(** Three times in four one of the examples has both votes for one label. *)
Lemma agree_often : 3%:R / 4%:R <= Pr (chance Dcoins coins) (fun o => [exists ij, agree o ij]).
Proof.
pose F := [pred o : outs | [exists ij, agree o ij]].
have few : (#|[predC F]| <= 4)%N.
  rewrite -card_answers; pose first (o : outs) := (o ord0).2.
  suff /card_in_imset <- : {in [predC F] &, injective first} by apply: max_card.
  move=> o o' no no' eq0; apply/ffunP.
  have lists1 (w w' : lists 1 1) : w = w' by apply/ffunP => i; rewrite !ord1.
  have second (x : outs) i : x \in [predC F] -> (x (lift ord0 ord0)).2 i != (x ord0).2 i.
    rewrite !inE => /existsPn /(_ (i, (x ord0).2 i)); apply: contra => /eqP eq1.
    apply/forallP => m; case: (unliftP ord0 m) => [m1 ->|->] //=.
    by rewrite ord1 eq1.
  have other (a b d : 'I_2) : a != d -> b != d -> a = b.
    by case: a => [[|[|?]] ?] //; case: b => [[|[|?]] ?] //; case: d => [[|[|?]] ?] //= *; apply: val_inj.
  move=> m; case: (unliftP ord0 m) => [m1 ->|->].
    rewrite ord1; have := second o' _ no'; have := second o _ no; rewrite -/(first o) -/(first o') eq0.
    move: (o _) (o' _) => [w1 f1] [w2 f2] /= d1 d2; congr (_, _); first exact: lists1.
    by apply/ffunP => i; apply: other (d1 i) (d2 i).
  move: eq0; rewrite /first; move: (o _) (o' _) => [w1 f1] [w2 f2] /= ->; congr (_, _).
  exact: lists1.
have all : #|{: outs}| = 16%N by rewrite card_ffun card_prod card_lists card_answers card_ord.
have many : (12 <= #|F|)%N.
  by rewrite -(leq_add2r #|[predC F]|) cardC all; apply: leq_trans (_ : (12 + 4 <= _)%N); rewrite ?leq_add2l.
rewrite /Pr (eq_bigr (fun=> 1 / 16%:R)) => [|o _]; last exact: chance_coins.
rewrite sumr_const; apply: (@le_trans _ _ ((1 / 16%:R) *+ 12)); first by [].
rewrite -(subnK many) mulrnDr ler_addr; exact: mulrn_wge0.
Qed.

(** ** One example, for which the answer to one value is sure and to another a coin's *)
Definition answer_to (x : bool) (l : 'I_2) : rat := if x then (l == ord0)%:R else 1 / 2.
Definition half_sure : joint bool 1 2 1 := fun w f => answer_to (tnth w ord0) (f ord0).
Definition Dsure : 'I_2 -> bool := fun i => i == ord0.

Lemma at_half_sure i w l : at_example half_sure i w l = answer_to (tnth w ord0) l.
Proof.
rewrite /at_example (big_pred1 ([ffun=> l] : answers 2 1)) => [|f].
  by rewrite /half_sure ffunE.
rewrite ord1 /=; apply/eqP/eqP => [fl|-> ]; last by rewrite ffunE.
by apply/ffunP => i0; rewrite ord1 ffunE.
Qed.

Lemma half_sure_joint : is_joint half_sure.
Proof.
split=> [w f|w]; first by rewrite /half_sure /answer_to; case: ifP => // _; rewrite ler0n.
rewrite -(_ : \sum_l at_example half_sure ord0 w l = \sum_f half_sure w f).
  rewrite (eq_bigr _ (fun l _ => at_half_sure ord0 w l)) !big_ord_recl big_ord0 /answer_to.
  by case: ifP.
by rewrite [RHS](partition_big (fun f : answers 2 1 => f ord0) xpredT).
Qed.

(** Label 0 has three quarters. *)
Lemma prob_sure i : prob (at_example half_sure i) Dsure ord0 = 3%:R / 4%:R.
Proof.
rewrite /prob /mass (eq_bigr (fun w : lists 1 2 => answer_to (w ord0 == ord0) ord0)); last first.
  by move=> w _; rewrite at_half_sure tnth_mktuple.
rewrite (reindex (fun x : 'I_2 => [ffun=> x] : lists 1 2)) /=; last first.
  exists (fun w : lists 1 2 => w ord0) => [x _|w _]; first by rewrite ffunE.
  by apply/ffunP => i0; rewrite ffunE (ord1 i0).
by rewrite !big_ord_recl big_ord0 !ffunE.
Qed.

(** Without its sure example the labels are equal. *)
Lemma sure_lost i : ~ exists j : 'I_2, N.to_nat 0 = j /\
  predicts (at_example half_sure i) (fun _ : 'I_1 => false) j.
Proof.
case=> j [_ pred_j]; have [l l_j] : exists l : 'I_2, l != j.
  by exists (if j == ord0 then lift ord0 ord0 else ord0); case: ifP => [/eqP ->|/negbT]; rewrite // eq_sym.
have half x : prob (at_example half_sure i) (fun _ : 'I_1 => false) x = 1 / 2.
  by rewrite /prob mass_const at_half_sure tnth_mktuple !exp1n mul1r divr1.
by have := pred_j l l_j; rewrite !half ltxx.
Qed.

(** ** The hypotheses *)

(** All votes for label 0, where it has three quarters: rarer than alpha says it may be. *)
Definition all_zero (o : outcome 1 2 1 2 2) : bool := votes_of o ord0 == [ffun=> ord0].

Lemma all_zero_often : 9%:R / 16%:R <= Pr (chance Dsure half_sure) all_zero.
Proof.
rewrite (marginal Dsure half_sure ord0 (pred1 ([ffun=> ord0] : votes 2 2))).
rewrite /Pr big_pred1_eq /weight (eq_bigr (fun=> 3%:R / 4%:R)) => [|m _]; last first.
  by rewrite ffunE prob_sure.
by rewrite !big_ord_recl big_ord0.
Qed.

Theorem needs_suits : ~ (forall h X e D J author digest number,
  is_joint J -> h_scope h = Simultaneous -> e = N.to_nat (h_examples h) ->
  @bounded_by_alpha h X e D J author digest number).
Proof.
move=> claim; have joint := half_sure_joint.
have nonneg (o : outcome 1 2 1 2 2) : 0 <= chance Dsure half_sure o by apply: chance_ge0.
have := claim (experiment head_suits) bool 1%N Dsure half_sure
  (fun _ => bytes_of head_suits rows_suits) no_digest (fun=> 0%num) joint erefl erefl.
move/(at_most_part (F := all_zero) nonneg) => le.
suff {le} /le : forall o, all_zero o -> false_file (h := experiment head_suits) Dsure half_sure
    (fun _ => bytes_of head_suits rows_suits) no_digest (fun=> 0%num) o.
  rewrite -[X in _ <= X]/(1 * (11%:R / 20%:R)) mul1r => /(le_trans all_zero_often).
  by move/(fractions (b := 16) (d := 20) isT isT).
move=> o /eqP zero; exists head_suits, rows_suits, (last_line rows_suits).
split; [exact: (judged_valid suits_judged) | exact: erefl |].
exists ord0, (line_of 0 [:: 2; 0]%num 0 4723415137801973 1 None), 0%num.
exists (Document.Grid.spelled 4723415137801973).
exists (Document.Grid.spelled (9007199254740992 - 4723415137801973)), 1%num, None, 1%N.
exists (fun _ => false); split; [by left | exact: erefl | | exact: erefl |].
  by rewrite (@counts_for _ ord0) // => m; rewrite zero ffunE.
split; last exact: sure_lost.
split=> //; split=> //; exists (fun _ => lift ord0 ord0), id.
by split=> // a b; rewrite !ord1.
Qed.

(** The coins' labels are equal. *)
Lemma coins_even i w l : at_example coins i w (rev_ord l) = at_example coins i w l.
Proof.
rewrite /at_example [LHS](reindex_inj (h := fun f : answers 2 2 => [ffun x => rev_ord (f x)])) /=.
  by apply: eq_bigl => f; rewrite ffunE (inj_eq rev_ord_inj).
by move=> f g /ffunP eq; apply/ffunP => x; have := eq x; rewrite !ffunE => /rev_ord_inj.
Qed.

Lemma coins_lost i (j : 'I_2) : ~ predicts (at_example coins i) Dcoins j.
Proof.
have ne : rev_ord j != j by case: j => [[|[|j]] j_lt].
move=> /(_ _ ne); rewrite /prob /mass (eq_bigr _ (fun w _ => coins_even i _ j)).
by rewrite ltxx.
Qed.

(** An author who has seen which example agrees, and on what. *)
Definition seen (o : outs) : 'I_2 * 'I_2 := odflt (ord0, ord0) [pick ij | agree o ij].

Lemma seenP (o : outs) : [exists ij, agree o ij] -> agree o (seen o).
Proof. by rewrite /seen; case: pickP => [//|none] /existsP [ij]; rewrite none. Qed.

Lemma seen_counts (o : outs) : [exists ij, agree o ij] ->
  all_for (seen o).2 = vote_counts (votes_of o (seen o).1).
Proof.
by move=> /seenP /forallP all; rewrite (@counts_for _ (seen o).2) // => m; rewrite ffunE; apply/eqP.
Qed.

Lemma coins_suit i : suits NoResidual (at_example coins i).
Proof. by apply: at_example_learner; apply: coins_joint. Qed.

Lemma coins_ge0 (o : outs) : 0 <= chance Dcoins coins o.
Proof. by apply: chance_ge0 => //; apply: coins_joint. Qed.

Lemma same_in_place : reaches Modify 0 Dcoins Dcoins.
Proof. by split=> //; exists 1%N; split=> //; exists id, id; split. Qed.

Theorem needs_examples : ~ (forall h X e D J author digest number,
  is_joint J -> (forall i, suits (h_residual h) (at_example J i)) -> h_scope h = Simultaneous ->
  @bounded_by_alpha h X e D J author digest number).
Proof.
move=> claim; pose h := experiment head_one.
pose author (o : outs) := bytes_of head_one [:: row_for (seen o).1 (seen o).2].
have := claim h unit 2%N Dcoins coins author no_digest (fun i => N.of_nat i) coins_joint coins_suit erefl.
move/(at_most_part (F := fun o => [exists ij, agree o ij]) coins_ge0) => le.
suff {le} /le : forall o, [exists ij, agree o ij] -> false_file (h := h) Dcoins coins author
    no_digest (fun i => N.of_nat i) o.
  by rewrite -[X in _ <= X]/(1 * (3%:R / 5%:R)) mul1r => /(le_trans agree_often)
    /(fractions (b := 4) (d := 5) isT isT).
move=> o agreed; exists head_one, [:: row_for (seen o).1 (seen o).2].
exists (last_line [:: row_for (seen o).1 (seen o).2]).
split; [exact: (judged_valid (one_judged _ _)) | exact: erefl |].
exists (seen o).1, (row_for (seen o).1 (seen o).2), (N.of_nat (seen o).2).
exists (Document.Grid.spelled 4933446211765362).
exists (Document.Grid.spelled (9007199254740992 - 4933446211765362)), 0%num, (Some 1%num), 1%N.
exists Dcoins; split; [by left | exact: erefl | exact: seen_counts | exact: erefl |].
by split; [exact: same_in_place | case=> j [_ /coins_lost]].
Qed.

Theorem needs_scope : ~ (forall h X e D J author digest number,
  is_joint J -> (forall i, suits (h_residual h) (at_example J i)) -> e = N.to_nat (h_examples h) ->
  @bounded_by_alpha h X e D J author digest number).
Proof.
move=> claim; pose h := experiment head_each.
pose author (o : outs) := bytes_of head_each (rows_each (seen o).2).
have := claim h unit 2%N Dcoins coins author no_digest (fun i => N.of_nat i) coins_joint coins_suit erefl.
move/(at_most_part (F := fun o => [exists ij, agree o ij]) coins_ge0) => le.
suff {le} /le : forall o, [exists ij, agree o ij] -> false_file (h := h) Dcoins coins author
    no_digest (fun i => N.of_nat i) o.
  by rewrite -[X in _ <= X]/(1 * (3%:R / 5%:R)) mul1r => /(le_trans agree_often)
    /(fractions (b := 4) (d := 5) isT isT).
move=> o agreed; exists head_each, (rows_each (seen o).2), (last_line (rows_each (seen o).2)).
split; [exact: (judged_valid (each_judged _)) | exact: erefl |].
exists (seen o).1, (row_for (seen o).1 (seen o).2), (N.of_nat (seen o).2).
exists (Document.Grid.spelled 4933446211765362).
exists (Document.Grid.spelled (9007199254740992 - 4933446211765362)), 0%num, (Some 1%num), 1%N.
exists Dcoins; split; [| exact: erefl | exact: seen_counts | exact: erefl |].
  case: (unliftP ord0 (seen o).1) => [i ->|->]; last by left.
  by right; left; rewrite (ord1 i).
by split; [exact: same_in_place | case=> j [_ /coins_lost]].
Qed.
