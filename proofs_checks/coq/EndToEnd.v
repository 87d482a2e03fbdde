(** Theorem 3 from the lists to the program: the probability that the program accepts a false
    row is at most alpha, whatever the learner and whoever wrote the file. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Confidence Claims Checker Guarantee Votes Sign.
From Bagcert Require Import Sampling Canonical Rows Levels Simuem Separated.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** * Votes as the program counts them *)

Lemma most_ge xs x : x \in xs -> (x <= most xs)%N.
Proof.
elim: xs => //= y xs IH; rewrite inE leq_max => /orP [/eqP ->|/IH ->]; rewrite ?leqnn ?orbT //.
Qed.

Lemma most_in xs : (0 < size xs)%N -> most xs \in xs.
Proof.
elim: xs => //= x [_ _|y xs IH _]; first by rewrite /= maxn0 inE.
have {IH} := IH isT; move: (y :: xs) => ys in_ys; rewrite inE.
by case: (leqP x (most ys)) => _; rewrite ?in_ys ?orbT ?eqxx.
Qed.

Lemma next_count_ge xs (j : nat) : (j < size xs)%N -> j != first_top xs ->
  (nth 0%N xs j <= next_count xs)%N.
Proof.
move=> j_lt j_l; apply: most_ge; rewrite mem_cat; set l := first_top xs in j_l *.
case: (ltngtP j l) j_l => // lt _; apply/orP; [left|right].
  rewrite -(nth_take 0%N lt); apply: mem_nth; rewrite size_take.
  by case: ifP => // _; rewrite j_lt.
have -> : nth 0%N xs j = nth 0%N (drop l.+1 xs) (j - l.+1) by rewrite nth_drop subnKC.
by apply: mem_nth; rewrite size_drop ltn_sub2r // (leq_ltn_trans lt).
Qed.

(** What is false of a row: some data set within its radius changes the label that it states. *)
Definition false_row (h : header) X (A : learner X (N.to_nat (h_k h)) (N.to_nat (h_classes h)))
    (D : 'I_(N.to_nat (h_n h)) -> X) (r : row) : Prop :=
  match r with
  | Certificate l _ _ rad _ =>
      exists n' (D' : 'I_n' -> X), reaches (h_attack h) (N.to_nat rad) D D' /\
        ~ (exists j : 'I_(N.to_nat (h_classes h)), N.to_nat l = j /\ predicts A D' j)
  | Abstention _ => False
  end.

Definition vote_counts c V (v : votes c V) : seq N := [seq N.of_nat (count v j) | j <- enum 'I_c].

(** The level proved of one example is a; for [simuem] beyond two labels it is this multiple of
    a: [3 / c] where the bounds have property S, and else [(c + 1) / c]. *)
Definition level_factor (h : header) : rat :=
  let c := N.to_nat (h_classes h) in
  if h_method h is Simuem then
    if (c == 2)%N then 1
    else if separated (N.to_nat (h_models h)) (Pos.to_nat (h_grid h)) (beta h) then 3 / c%:R
    else (c + 1)%:R / c%:R
  else 1.
Definition proven_level (h : header) : rat := level_factor h * row_level h.

Section Example.
Variable h : header.
Let c := N.to_nat (h_classes h).
Let V := N.to_nat (h_models h).
Let d := Pos.to_nat (h_grid h).
Let n := N.to_nat (h_n h).
Let k := N.to_nat (h_k h).
Let b := beta h.
Let a := row_level h.
Hypothesis ok : in_range h.

Let c_gt1 : (1 < c)%N. Proof. by case: ok. Qed.
Let d_gt0 : (0 < d)%N. Proof. exact/ssrnat.ltP/Pos2Nat.is_pos. Qed.
Let d_pos : 0 < d%:R :> rat. Proof. by rewrite ltr0n. Qed.
Let zero : 'I_c := Ordinal (ltnW c_gt1).

Let ys (v : votes c V) : seq nat := map N.to_nat (vote_counts v).

Lemma ysE v : ys v = [seq count v j | j <- enum 'I_c].
Proof. by rewrite /ys -map_comp; apply: eq_map => j; rewrite /= Nat2N.id. Qed.

Lemma size_ys v : size (ys v) = c.
Proof. by rewrite ysE size_map size_enum_ord. Qed.

Lemma nth_ys v (j : 'I_c) : nth 0%N (ys v) j = count v j.
Proof. by rewrite ysE (nth_map zero) ?size_enum_ord // nth_ord_enum. Qed.

(** The label and the runner-up's count. *)
Definition due_label (v : votes c V) : 'I_c := insubd zero (first_top (ys v)).
Let lab := due_label.
Let next (v : votes c V) : nat := next_count (ys v).

Lemma labE v : lab v = first_top (ys v) :> nat.
Proof.
rewrite /lab /due_label insubdK // -[c](size_ys v) -topredE /= index_mem; apply: most_in.
by rewrite size_ys; apply: ltnW.
Qed.

Lemma lab_count v : count v (lab v) = most (ys v).
Proof.
by rewrite -nth_ys labE nth_index // most_in // size_ys ltnW.
Qed.

Lemma next_ge v j : j != lab v -> (count v j <= next v)%N.
Proof.
move=> j_l; rewrite -nth_ys; apply: next_count_ge; first by rewrite size_ys.
by rewrite -labE.
Qed.

(** A certificate is due: the sign test is passed, and the bounds are apart. *)
Definition due (v : votes c V) : bool := selects h (ys v) && (up_due h (ys v) < low_due h (ys v))%N.

Let C : procedure (votes c V) c := reporting d b lab due.

Lemma reported_lowE v : (low_due h (ys v))%:R / d%:R = reported_low d b lab v :> rat.
Proof. by rewrite /reported_low lab_count. Qed.

Lemma restE v : (up_due h (ys v))%:R / d%:R = 1 - (rest_due h (ys v))%:R / d%:R :> rat.
Proof.
have le_d : (rest_due h (ys v) <= d)%N.
  by rewrite /rest_due; case: (h_method h); rewrite ?geq_max ?low_t_le.
by rewrite natrB // mulrBl divff // gt_eqF.
Qed.

Lemma reported_upE v : h_method h <> CohenM ->
  (up_due h (ys v))%:R / d%:R = reported_up d b lab next v :> rat.
Proof.
move=> not_cohen; rewrite restE /reported_up -reported_lowE.
have -> : rest_due h (ys v) = maxn (low_due h (ys v)) (low_t V d b (V - next v)).
  by rewrite /rest_due; case: (h_method h) not_cohen.
have le (x y : nat) : (x%:R / d%:R <= y%:R / d%:R :> rat) = (x <= y)%N.
  by rewrite ler_pmul2r ?invr_gt0 // ler_nat.
rewrite /low; case: leqP => [xy|/ltnW yx].
  by rewrite (min_idPl _) // ler_add2l ler_opp2 le.
by rewrite (min_idPr _) // ler_add2l ler_opp2 le.
Qed.

Lemma restE_cohen v : h_method h = CohenM ->
  (up_due h (ys v))%:R / d%:R = 1 - reported_low d b lab v :> rat.
Proof. by move=> is_cohen; rewrite restE -reported_lowE /rest_due is_cohen. Qed.

(** The one event, of the votes alone, that can make a row false. *)
Definition misled (p : 'I_c -> rat) : pred (votes c V) :=
  wrong C p (if h_method h is CohenM then p_rest C else p_upper C).

Section Level.
Variable p : 'I_c -> rat.
Hypotheses (p_ge0 : forall j, 0 <= p j) (p_sum : \sum_j p j = 1).

Lemma due_good v : due v -> ~~ misled p v ->
  (low_due h (ys v))%:R / d%:R <= p (lab v) /\
  (forall j, j != lab v -> p j <= (up_due h (ys v))%:R / d%:R).
Proof.
move=> is_due; rewrite /misled reported_lowE.
case E : (h_method h); first 1 last.
- by rewrite restE_cohen //; apply: good_rest.
- by rewrite reported_upE ?E // => good; apply: good_reported good => //; apply: next_ge.
- by rewrite reported_upE ?E // => good; apply: good_reported good => //; apply: next_ge.
Qed.

Let due_rare v : h_method h = Selected -> due v ->
  rare_at (test_level c a) (count v (lab v) + next v) (count v (lab v)).
Proof. by move=> is_sel /andP [+ _]; rewrite /selects is_sel lab_count. Qed.

Let due_apart v : due v -> (up_due h (ys v))%:R / d%:R < (low_due h (ys v))%:R / d%:R :> rat.
Proof. by case/andP=> _; rewrite ltr_pmul2r ?invr_gt0 // ltr_nat. Qed.

(** The level that is proved of one example. *)
Lemma misled_level : Pr (weight (N := V) p) (misled p) <= proven_level h.
Proof.
have b_unit := beta_unit ok; have [/ltW sign_ge0 _] := sign_unit ok.
have /andP [a_gt0 a_lt1] := level_unit ok; have next_geV := next_ge.
have c_neq0 : c%:R != 0 :> rat by rewrite pnatr_eq0 -lt0n ltnW.
rewrite /misled /proven_level /level_factor -/c -/a; case E : (h_method h); rewrite ?mul1r.
- have apart v : due v -> reported_up d b lab next v < reported_low d b lab v.
    by move=> /due_apart; rewrite reported_lowE reported_upE ?E.
  have bE : b = a / c%:R by rewrite /b /beta E.
  case: eqP => [c2|c_neq2]; rewrite ?mul1r.
    apply: le_trans (simuem_votes_two d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV apart c2) _.
    by rewrite -/b bE c2 mulrC divfK.
  have half : 2 * b < 1.
    have c_gt2 : (2 < c)%N by rewrite ltn_neqAle eq_sym c_gt1 andbT; apply/eqP.
    rewrite bE mulrA ltr_pdivr_mulr ?ltr0n ?(ltnW c_gt1) // mul1r.
    apply: (@lt_trans _ _ 2); last by rewrite ltr_nat.
    by rewrite gtr_pmulr.
  case: ifP => [sep|_]; last first.
    apply: le_trans (simuem_tests d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV apart half) _.
    by rewrite -/b bE mulrCA mulrC.
  apply: le_trans (simuem_separated d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV apart half sep) _.
  by rewrite -/b bE mulrCA mulrC.
- have bE : b = a / 2 by rewrite /b /beta E.
  have b_half : b < 1 / 2 by rewrite bE; case/andP: (half_lt1 a_gt0 a_lt1).
  have rule v : due v -> 1 - reported_low d b lab v < reported_low d b lab v.
    by move=> /due_apart; rewrite reported_lowE restE_cohen.
  apply: le_trans (cohen_level_all d_gt0 c_gt1 b_unit p_ge0 p_sum b_half rule) _.
  by rewrite -/b bE mulrC divfK.
- have rule v := due_rare (v := v) E.
  have bE : b = if (c == 2)%N then a - test_level c a else (a - (c.-1)%:R * test_level c a) / 2.
    by rewrite /b /beta E.
  case: eqP bE => [c2|_] bE.
    apply: le_trans (selected_votes_two d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV sign_ge0 rule c2) _.
    by rewrite -/b bE subrK.
  apply: le_trans (selected_votes d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV sign_ge0 rule) _.
  by rewrite -/b bE [2 * _]mulrC divfK // subrK.
Qed.

End Level.
End Example.

(** * From the lists to the program *)

(** A larger radius reaches more. *)
Lemma reaches_more a X n n' (D : 'I_n -> X) (D' : 'I_n' -> X) r s : (r <= s)%N ->
  reaches a r D D' -> reaches a s D D'.
Proof.
move=> rs; have more x y : (x <= y + r)%N -> (x <= y + s)%N.
  by move=> le; apply: leq_trans le _; rewrite leq_add2l.
case: a => /=.
- by case=> pos [m [sh /more le]]; split=> //; exists m.
- by case=> eq_n [m [sh /more le]]; split=> //; exists m.
- by case=> pos [sh /more le].
- by case=> sh /more le.
Qed.

(** What holds of a larger event holds of a smaller one. *)
Lemma at_most_sub (T : finType) (P : T -> rat) (E F : T -> Prop) (a : rat) :
  (forall o, E o -> F o) -> at_most P F a -> at_most P E a.
Proof. by move=> sub [B [le_a FB]]; exists B; split=> // o /sub /FB. Qed.

(** [predicts], decided. *)
Definition predictsb X k c (A : learner X k c) n (D : 'I_n -> X) (l : 'I_c) : bool :=
  [forall j, (j != l) ==> (prob A D j < prob A D l)].

Lemma predictsP X k c (A : learner X k c) n (D : 'I_n -> X) l :
  reflect (predicts A D l) (predictsb A D l).
Proof.
apply: (iffP forallP) => [all j j_l|pred j]; first exact: (implyP (all j)).
by apply/implyP; apply: pred.
Qed.

(** A row counts as certified at the radius [r] for the true label [y]. *)
Definition certified_for (r y : nat) (stated : row) : bool :=
  if stated is Certificate l _ _ rad _ then (N.to_nat l == y) && (r <= N.to_nat rad)%N else false.

Section EndToEnd.
Variables (h : header) (X : Type).
Let c := N.to_nat (h_classes h).
Let V := N.to_nat (h_models h).
Let n := N.to_nat (h_n h).
Let k := N.to_nat (h_k h).
Variables (e : nat) (D : 'I_n -> X) (J : joint X k c e).
Hypothesis ok : BinRow.header_ok h = true.
Hypothesis is_J : is_joint J.
Hypothesis suit : forall i, suits (h_residual h) (at_example J i).

Let outs := outcome k c e V n.

(** Some row is accepted of example [i]'s votes, and false: whoever wrote it. *)
Definition false_accepted (o : outs) (i : 'I_e) : Prop :=
  exists stated, BinRow.accepts h (vote_counts (votes_of o i)) stated = true /\
    false_row (at_example J i) D stated.

Let A i := at_example J i.
Let p i := prob (A i) D.
Let good_h : in_range h. Proof. exact/header_okP. Qed.
Let bad (i : 'I_e) : pred outs := fun o => misled good_h (p i) (votes_of o i).

Section Nonempty.
Hypothesis n_gt0 : (0 < n)%N.
Let p_ge0 i j : 0 <= p i j. Proof. exact: prob_ge0. Qed.
Let p_sum i : \sum_j p i j = 1. Proof. exact: prob_sum. Qed.

Let bad_level i : Pr (chance D J) (bad i) <= proven_level h.
Proof.
rewrite /bad (marginal D J i (misled good_h (p i))).
exact: misled_level (p_ge0 i) (p_sum i).
Qed.

(** Outside the bad event an accepted row is true of every data set within its radius. *)
Let accepted_true o i l lo up rad w : ~~ bad i o ->
  BinRow.accepts h (vote_counts (votes_of o i)) (Certificate l lo up rad w) ->
  forall n' (D' : 'I_n' -> X), reaches (h_attack h) (N.to_nat rad) D D' ->
  exists j : 'I_c, N.to_nat l = j /\ predicts (A i) D' j.
Proof.
move=> good /(acceptsP good_h) [lE loE upE [sel claim]] n' D' reach.
have is_due : due (h := h) (votes_of o i).
  have d_pos : 0 < (Pos.to_nat (h_grid h))%:R :> rat.
    by rewrite ltr0n; apply/ssrnat.ltP/Pos2Nat.is_pos.
  rewrite /due sel /=; case: claim => _ [+ _ _].
  by rewrite ltr_pmul2r ?invr_gt0 // ltr_nat.
have bound := due_good is_due good.
exists (due_label good_h (votes_of o i)); split; first by rewrite lE (labE good_h).
exact: (true_claim_predicts (suit i) bound claim).
Qed.

Let false_bad o i : false_accepted o i -> bad i o.
Proof.
case=> -[l lo up rad w|why] [acc] // [n' [D' [reach no]]].
apply: contraT => good; case: no; exact: (accepted_true good acc reach).
Qed.

Lemma each_row_some i : at_most (chance D J) (fun o => false_accepted o i) (proven_level h).
Proof. by exists (bad i); split; [apply: bad_level | move=> o; apply: false_bad]. Qed.

Lemma any_row_some : at_most (chance D J) (fun o => exists i, false_accepted o i)
  (e%:R * proven_level h).
Proof.
exists [pred o | [exists i, xpredT i && bad i o]]; split=> [|o [i /false_bad bad_i]]; last first.
  by apply/existsP; exists i.
have P0 (o : outs) : 0 <= chance D J o by apply: chance_ge0.
apply: le_trans (Pr_exists P0 xpredT bad) _.
apply: le_trans (ler_sum _ (fun i _ => bad_level i)) _.
by rewrite sumr_const card_ord [leRHS]mulr_natl.
Qed.

End Nonempty.

(** From no examples nothing is certified. *)
Let certified_some o i : false_accepted o i -> (0 < n)%N.
Proof.
by case=> -[l lo up rad w|why] [] // /(acceptsP good_h) [_ _ _ [_ [[n_gt0 _ _ _] _]]].
Qed.

Let proven_ge0 : 0 <= proven_level h.
Proof.
rewrite /proven_level mulr_ge0 //; last by case/andP: (level_unit good_h) => /ltW.
by rewrite /level_factor; case: (h_method h) => //; case: ifP => // _; case: ifP => _; rewrite divr_ge0 ?ler0n.
Qed.

(** Each row alone. *)
Theorem each_row i : at_most (chance D J) (fun o => false_accepted o i) (proven_level h).
Proof.
have [n0|n_gt0] := posnP n; last exact: each_row_some.
exists pred0; split; first by rewrite /Pr big_pred0.
by move=> o /certified_some; rewrite [X in (0 < X)%N]n0.
Qed.

(** All rows at once. *)
Theorem any_row : at_most (chance D J) (fun o => exists i, false_accepted o i)
  (e%:R * proven_level h).
Proof.
have [n0|n_gt0] := posnP n; last exact: any_row_some.
exists pred0; split; first by rewrite /Pr big_pred0 // mulr_ge0 ?ler0n.
by move=> o [i /certified_some]; rewrite [X in (0 < X)%N]n0.
Qed.

(** Both scopes' totals. *)
Lemma total_simultaneous : h_scope h = Simultaneous -> e = N.to_nat (h_examples h) ->
  e%:R * proven_level h = level_factor h * fraction (h_num h) (h_den h).
Proof.
move=> sim eE; rewrite /proven_level /row_level sim /= -eE.
have e_neq0 : e%:R != 0 :> rat.
  by rewrite pnatr_eq0 -lt0n eE; case: good_h.
by rewrite mulrCA [e%:R * _]mulrC divfK.
Qed.

Lemma total_each : h_scope h = Each ->
  proven_level h = level_factor h * fraction (h_num h) (h_den h).
Proof. by move=> each; rewrite /proven_level /row_level each. Qed.

(** Eq (9): the certified accuracy at [r] is not above the accuracy on any D' within [r]. *)
Variables (author : outs -> 'I_e -> row) (truth : 'I_e -> 'I_c).

Definition certified (o : outs) (r : nat) : nat :=
  #|[pred i | BinRow.accepts h (vote_counts (votes_of o i)) (author o i)
              && certified_for r (truth i) (author o i)]|.
Definition correct n' (D' : 'I_n' -> X) : nat := #|[pred i | predictsb (A i) D' (truth i)]|.

Lemma overstated o r n' (D' : 'I_n' -> X) : reaches (h_attack h) r D D' ->
  (correct D' < certified o r)%N -> exists i, false_accepted o i.
Proof.
move=> reach; rewrite ltnNge => more; have : ~~ ([pred i | BinRow.accepts h
    (vote_counts (votes_of o i)) (author o i) && certified_for r (truth i) (author o i)]
    \subset [pred i | predictsb (A i) D' (truth i)]).
  by apply: contra more => /subset_leq_card.
case/subsetPn => i; rewrite !inE => /andP [acc cert] /predictsP no; exists i, (author o i); split=> //.
case: (author o i) cert => //= l _ _ rad _ /andP [/eqP lE r_rad].
exists n', D'; split; first exact: reaches_more reach.
by case=> j [ljE pred_j]; apply: no; rewrite (_ : truth i = j) //; apply: val_inj; rewrite /= -lE ljE.
Qed.

Theorem accuracy : at_most (chance D J)
  (fun o => exists r n' (D' : 'I_n' -> X),
     reaches (h_attack h) r D D' /\ (correct D' < certified o r)%N) (e%:R * proven_level h).
Proof.
apply: at_most_sub any_row => o [r [n' [D' [reach lt]]]]; exact: overstated reach lt.
Qed.

End EndToEnd.
