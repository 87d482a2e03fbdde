(** What VALID means. [judged_true]: where the judge accepts a file, its bytes are the print of
    a document whose every claim is true. [same_bytes]: they are the print of no other one. *)
From Coq Require Import PArith NArith FMapPositive.
From mathcomp Require Import all_ssreflect.
From Bagcert Require Import Claims Checker Checked Printer Printed Document Judge Verdict.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(** ** The certified accuracy *)

(** The radii of the correct certified rows. *)
Definition correct_radii (rows : seq row) : seq N := pmap Judge.is_correct rows.

(** One pair for each of these radii, ascending: how many of them are as large or larger. *)
Definition true_accuracy (radii : seq N) (pairs : seq (seq N)) : Prop :=
  exists ps : seq (N * N),
  [/\ pairs = [seq [:: p.1; p.2] | p <- ps], pairwise N.ltb (map fst ps),
      map fst ps =i radii
    & forall p, p \in ps -> N.to_nat p.2 = count (N.leb p.1) radii].

(** ** A document *)

Definition true_document (digest : text -> text) (h : header) (rows : seq row) (s : summary) :
    Prop :=
  [/\ size rows = N.to_nat (h_examples h), (forall r, List.In r rows -> true_row h r),
      pairwise N.ltb (map r_index rows) & s_count s = h_examples h] /\
  [/\ s_digest s = digest (Print.lines (Encode.header h :: map Encode.row rows)),
      all (fun r => isSome (r_truth r) == isSome (s_accuracy s)) rows
    & forall pairs, s_accuracy s = Some pairs -> true_accuracy (correct_radii rows) pairs].

Section Accuracy.
Variables (m : PositiveMap.t N) (radii : seq N).
Hypothesis countedE : forall r, N.to_nat (Judge.counted m r) = count_mem r radii.

Lemma accumulatedP pairs total first : Judge.accumulated m pairs = Some (total, first) ->
  exists ps : seq (N * N),
  [/\ pairs = [seq [:: p.1; p.2] | p <- ps], first = ohead (map fst ps),
      pairwise N.ltb (map fst ps) & {subset map fst ps <= radii}] /\
  [/\ N.to_nat total = count (mem (map fst ps)) radii
    & forall p, p \in ps ->
        N.to_nat p.2 = count (fun x => (x \in map fst ps) && N.leb p.1 x) radii].
Proof.
elim: pairs total first => [|pair more IH] total first /=.
  by case=> <- <-; exists [::]; split=> //; split=> //; rewrite count_pred0.
case: pair => [//|r [//|t [|? ?]]] //.
case: (Judge.accumulated m more) IH => [[above following]|//] /(_ _ _ erefl).
case=> ps [[-> -> up sub] [aboveE each]]; case: ifP => // /and3P[below some /eqP tE] [<- <-].
have less k : k \in map fst ps -> (r < k)%num.
  case: ps {sub aboveE each} below up => //= p ps /N.ltb_lt rp /andP[/allP pk _].
  by rewrite inE => /predU1P[-> // | /pk /N.ltb_lt]; apply: N.lt_trans.
have r_notin : r \notin map fst ps by apply/negP => /less /N.lt_irrefl.
have tot : N.to_nat t = count (mem (r :: map fst ps)) radii.
  rewrite tE Checker.addE aboveE countedE addnC.
  have split_count := count_predUI (pred1 r) (mem (map fst ps)) radii.
  have none : count (predI (pred1 r) (mem (map fst ps))) radii = 0.
    apply/eqP; rewrite -leqn0 leqNgt -has_count; apply/hasPn => x _ /=.
    by rewrite negb_and; case: eqP => //= ->.
  rewrite none addn0 in split_count; rewrite -split_count.
  by apply: eq_count => x; rewrite /= !inE.
exists ((r, t) :: ps); split; split=> //=.
- rewrite up andbT; apply/allP => k /less; exact: (proj2 (N.ltb_lt _ _)).
- move=> k; rewrite inE => /predU1P[-> | /sub //].
  rewrite -has_pred1 has_count -countedE; move: some; rewrite Checker.ltbE; exact.
move=> p; rewrite inE => /predU1P[-> /= | p_in].
  rewrite tot; apply: eq_count => x; rewrite /= !inE.
  case: eqP => [-> | _] /=; first by rewrite N.leb_refl.
  by case: (boolP (x \in _)) => //= /less /N.lt_le_incl /N.leb_le.
rewrite each //; apply: eq_count => x; rewrite !inE; case: eqP => //= ->.
have /less lt := map_f fst p_in.
by rewrite (negbTE r_notin); apply/esym/negbTE/negP => /N.leb_le /(N.lt_le_trans _ _ _ lt) /N.lt_irrefl.
Qed.

Lemma accurateP st pairs : Judge.correct st = m -> N.to_nat (Judge.certified st) = size radii ->
  Judge.accurate st pairs -> true_accuracy radii pairs.
Proof.
rewrite /Judge.accurate => -> sizeE; case E: (Judge.accumulated m pairs) => [[total first]|//].
have [ps [[pairsE _ up sub] [totalE each]]] := accumulatedP E => /eqP is_all.
have all_in x : x \in radii -> x \in map fst ps.
  move=> x_in; suff /allP : all (mem (map fst ps)) radii by apply.
  by rewrite all_count -totalE is_all sizeE.
exists ps; split=> // [x | p p_in]; first by apply/idP/idP; [apply: sub | apply: all_in].
by rewrite each //; apply: eq_in_count => x /all_in ->.
Qed.

End Accuracy.

(** ** The judge, line after line *)
Section File.
Variables (digest : text -> text) (h : header).
Let z := Judge.setting_of h.

(** What the state says of the rows so far. *)
Definition knows (st : Judge.state) (rows : seq row) : Prop :=
  [/\ N.to_nat (Judge.seen st) = size rows,
      pairwise N.ltb (map r_index rows), all (fun r => N.ltb (r_index r) (Judge.next st)) rows
    & (if Judge.labelled st is Some known then all (fun r => isSome (r_truth r) == known) rows
       else rows = [::])] /\
  [/\ forall r, N.to_nat (Judge.counted (Judge.correct st) r) = count_mem r (correct_radii rows)
    & N.to_nat (Judge.certified st) = size (correct_radii rows)].

Lemma knows_nothing : knows Judge.initial [::].
Proof. by split; split=> // r; rewrite /Judge.counted PositiveMap.gempty. Qed.

Lemma counted_add m r k x : Judge.counted (PositiveMap.add (N.succ_pos r) k m) x =
  if x == r then k else Judge.counted m x.
Proof.
rewrite /Judge.counted; case: eqP => [-> | neq]; first by rewrite PositiveMap.gss.
rewrite PositiveMap.gso // => /(congr1 Npos); rewrite !N.succ_pos_spec; exact: (contra_not (N.succ_inj _ _)).
Qed.

Lemma knows_tally st rows r : knows st rows -> Judge.in_order st r ->
  knows (Judge.tally st r) (rcons rows r).
Proof.
case=> -[seenE up below labels] [countE certE] /andP[/N.leb_le next_le same].
have grown : let st' := Judge.tally st r in
    [/\ Judge.seen st' = N.succ (Judge.seen st), Judge.next st' = N.succ (r_index r)
      & Judge.labelled st' = Some (isSome (r_truth r))].
  by rewrite /Judge.tally; case: (Judge.is_correct r).
case: grown => seen' next' labelled'; split; split.
- by rewrite seen' Checker.succE seenE size_rcons.
- rewrite map_rcons pairwise_rcons up andbT all_map.
  apply: sub_all below => x /N.ltb_lt lt; apply/N.ltb_lt; exact: N.lt_le_trans lt next_le.
- rewrite next' all_rcons; apply/andP; split; first by apply/N.ltb_lt/N.lt_succ_diag_r.
  apply: sub_all below => x /N.ltb_lt lt; apply/N.ltb_lt/N.lt_lt_succ_r.
  exact: N.lt_le_trans lt next_le.
- rewrite labelled' all_rcons eqxx /=; move: labels same.
  by case: (Judge.labelled st) => [known ok /eqP <- | ->].
- move=> x; rewrite /correct_radii -cats1 pmap_cat count_cat -[pmap _ rows]/(correct_radii rows).
  rewrite /Judge.tally /=; case: (Judge.is_correct r) => [radius|] /=; last by rewrite addn0.
  rewrite counted_add addn0 eq_sym; case: eqP => [-> | _]; last by rewrite addn0.
  by rewrite Checker.succE countE addn1.
- rewrite /correct_radii -cats1 pmap_cat size_cat -[pmap _ rows]/(correct_radii rows) -certE.
  rewrite /Judge.tally /=; case: (Judge.is_correct r) => [radius|] /=; last by rewrite addn0.
  by rewrite Checker.succE addn1.
Qed.

(** One row's line, what it is said to state, and an abstention's bounds. *)
Definition input : Type := text * row * (N * N).

Fixpoint taken (st : Judge.state) (body : seq input) : answer Judge.state :=
  if body is (line, r, witness) :: more then
    if Judge.take_row z st line r witness is Go st' then taken st' more else Malformed
  else Go st.

Lemma takenP body st rows st' : Limit.header h -> knows st rows -> taken st body = Go st' ->
  let: new := map (fun i : input => i.1.2) body in
  [/\ knows st' (rows ++ new), forall r, List.In r new -> true_row h r,
      flatten (map (fun i : input => i.1.1) body) = Print.lines (map Encode.row new)
    & all Print.proper (map Encode.row new)].
Proof.
move=> limits; elim: body st rows => [|[[line r] witness] body IH] st rows at_st /=.
  by case=> <-; split=> //; rewrite cats0.
rewrite /Judge.take_row; case: ifP => // /negbFE/and4P[_ /andP[ok /eqP printed] _ order].
case judged: (Judge.row z r witness) => [[]|what||] // rest.
have [] := IH _ _ (knows_tally at_st order) rest; rewrite cat_rcons => known truth lineE okE.
split; [exact: known | | | by apply/andP].
  by move=> x [<- | /truth //]; apply: row_judged limits _ _ judged.
rewrite [RHS](lines_cons (Encode.row r)) -lineE printed.
by [].
Qed.

(** The driver's loop: every line in order, then the end of the file. *)
Definition accepts (head : text) (body : seq input) (foot : text * summary) : bool :=
  let earlier := head ++ flatten (map (fun i : input => i.1.1) body) in
  if Judge.start head h is Go _ then
    if taken Judge.initial body is Go st then
      if Judge.finish z st (digest earlier) foot.1 foot.2 is Go _ then true else false
    else false
  else false.

Theorem judged_true head body foot : accepts head body foot = true ->
  let rows := map (fun i : input => i.1.2) body in
  let document := Encode.document h rows foot.2 in
  [/\ head ++ flatten (map (fun i : input => i.1.1) body) ++ foot.1 = Print.lines document,
      all Print.proper document & true_document digest h rows foot.2].
Proof.
rewrite /accepts /Judge.start; case: ifP => // /andP[/andP[ok_h /eqP headE] limits].
case taking: (taken _ _) => [st|what||] //.
have [] := takenP limits knows_nothing taking; set rows := map _ body.
rewrite cat0s => -[[seenE up _ labels] [countE certE]] truth linesE ok_rows.
rewrite /Judge.finish; case: ifP => // /negbFE/andP[_].
case/and5P => [/eqP seen_all /andP[ok_s /eqP footE]].
move=> /eqP countE' /eqP digestE /eqP labelledE accuracy.
have earlierE : head ++ flatten (map (fun i : input => i.1.1) body) =
    Print.lines (Encode.header h :: map Encode.row rows).
  by rewrite lines_cons linesE headE.
split.
- rewrite catA earlierE -footE /Encode.document -rcons_cons -cats1 !Printed.linesE.
  by rewrite map_cat flatten_cat /= cats0.
- by rewrite /Encode.document -rcons_cons all_rcons ok_s andTb; apply/andP.
split; split=> //; first by rewrite -seenE seen_all.
- by rewrite digestE earlierE.
- by move: labels; rewrite labelledE.
move=> pairs accE; move: accuracy; rewrite accE; case: ifP => // ok _.
exact: (accurateP countE erefl certE ok).
Qed.

End File.

(** ** The bytes determine the document *)

Lemma words_inj us vs : Words us = Words vs -> us = vs. Proof. by case. Qed.

Lemma alpha_inj p q p' q' : Encode.alpha p q = Encode.alpha p' q' -> p = p' /\ q = q'.
Proof.
rewrite /Encode.alpha => eq_a; have stop x : Read.stops (47%num :: Print.digits x [::]) by [].
have := digitsK p (stop q); rewrite eq_a digitsK // => -[-> eq_q]; split=> //.
by have := @digitsK q [::] isT; rewrite -eq_q digitsK // => -[].
Qed.

Lemma numbers_inj xs ys : map Number xs = map Number ys -> xs = ys.
Proof. by apply: inj_map => x y []. Qed.

Lemma header_inj : injective Encode.header.
Proof.
have method_inj : injective Encode.method by case; case.
have scope_inj : injective Encode.scope by case; case.
have attack_inj : injective Encode.attack by case; case.
have residual_inj : injective Encode.residual by case; case.
case=> [n k c m e p q how sc a r names notes] [n' k' c' m' e' p' q' how' sc' a' r' names' notes'].
rewrite /Encode.header [h_n _]/= [h_k _]/= [h_classes _]/= [h_models _]/= [h_examples _]/=.
rewrite [h_p _]/= [h_q _]/= [h_method _]/= [h_scope _]/= [h_attack _]/= [h_residual _]/=.
rewrite [h_names _]/= [h_notes _]/= => -[-> -> -> -> ->].
move=> /alpha_inj[-> ->] /method_inj -> /scope_inj -> /attack_inj -> /residual_inj -> rest.
have [-> ->] : names = names' /\ notes = notes'; last by [].
have notes_inj : injective (map (fun note : text * text => (note.1, Words note.2))).
  by apply: inj_map => -[a1 b1] [a2 b2] [-> ->].
have names_inj : injective (map Words) by apply: inj_map => x y [].
move: rest; case: names => [xs|]; case: names' => [xs'|]; case: notes => [ys|];
  case: notes' => [ys'|] //=.
- by case=> /names_inj -> /notes_inj ->.
- by case=> /names_inj ->.
- by case=> /notes_inj ->.
Qed.

Lemma row_inj : injective Encode.row.
Proof.
have reason_inj : injective Encode.reason by case; case.
case=> [i xs o y] [i' xs' o' y']; rewrite /Encode.row /=.
case: o => [why|l lo up r w]; case: o' => [why'|l' lo' up' r' w'] //=.
- case=> -> /numbers_inj -> /reason_inj ->.
  by case: y => [?|]; case: y' => [?|] //=; case=> ->.
- case=> -> /numbers_inj -> -> -> -> ->.
  by case: w => [?|]; case: w' => [?|]; case: y => [?|]; case: y' => [?|] //=; case=> *; subst.
Qed.

Lemma summary_inj : injective Encode.summary.
Proof.
case=> [c d a] [c' d' a']; rewrite /Encode.summary /= => -[-> ->].
case: a => [ps|]; case: a' => [ps'|] //= -[eq_ps]; congr (Summary _ _ (Some _)).
by apply: inj_map eq_ps => x y [/numbers_inj].
Qed.

(** Two documents that are printed alike are one. *)
Theorem same_bytes h rows s h' rows' s' :
  all Print.proper (Encode.document h rows s) -> all Print.proper (Encode.document h' rows' s') ->
  Print.lines (Encode.document h rows s) = Print.lines (Encode.document h' rows' s') ->
  [/\ h = h', rows = rows' & s = s'].
Proof.
move=> ok ok' /(lines_inj ok ok') eq_d; have /= eq_h := congr1 (head (Number 0)) eq_d.
have eq_t := rcons_inj (congr1 behead eq_d).
have eq_rows := inj_map row_inj (congr1 fst eq_t); have eq_s := summary_inj (congr1 snd eq_t).
by rewrite (header_inj eq_h) eq_rows eq_s.
Qed.
