(** From the bytes of a certificate file to a probability: what the judge of Judge.v accepts,
    the program of Rows.v accepts, so that Theorem 3 holds of the file as it lies on the disk. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Judge.
From Bagcert Require Import Setting Arith Confidence Cohen Claims Checker Checked Guarantee Tails Votes Sign.
From Bagcert Require Import Sampling Canonical Rows Decided Levels OneExample EndToEnd.
From Bagcert Require Printer Document Verdict Accepted.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** 2^53 is no number to compute with. *)
Local Opaque Document.Grid.one.

Notation text := Printer.text.

(** The experiment that a file's first line describes: all but class names and provenance. *)
Definition method_of (m : Document.method) : method :=
  match m with
  | Document.Simuem => Simuem | Document.Cohen => CohenM | Document.Selected => Selected
  end.
Definition scope_of (s : Document.scope) : scope :=
  match s with Document.Simultaneous => Simultaneous | Document.Each => Each end.
Definition experiment (h : Document.header) : header :=
  Header (Document.h_n h) (Document.h_k h) (Document.h_classes h) (Document.h_models h)
    (Document.h_examples h) (Document.h_p h) (Judge.pos (Document.h_q h))
    (method_of (Document.h_method h)) (scope_of (Document.h_scope h))
    (Document.h_attack h) (Document.h_residual h) Document.Grid.one.

(** The judge says VALID of [bytes], cut into lines and read as [h], [rows] and [s] by anyone. *)
Definition valid (digest : text -> text) (bytes : text) (h : Document.header)
    (rows : seq Document.row) (s : Document.summary) : Prop :=
  exists head (body : seq Accepted.input) foot,
    [/\ bytes = head ++ flatten [seq line.1.1 | line <- body] ++ foot,
        rows = [seq line.1.2 | line <- body]
      & Accepted.accepts digest h head body (foot, s) = true].

Lemma valid_limits digest bytes h rows s : valid digest bytes h rows s -> Document.Limit.header h.
Proof.
case=> head [body [foot [_ _]]]; rewrite /Accepted.accepts /Judge.start.
by case: ifP => // /andP [].
Qed.

(** ** The two descriptions of a row agree *)
Section Row.
Variable h : Document.header.
Hypothesis limits : Document.Limit.header h.
Let g := experiment h.
Let c := N.to_nat (Document.h_classes h).

Lemma experiment_ok : BinRow.header_ok g.
Proof.
have [q_gt e_gt c_ge] := Verdict.in_limits limits.
apply/and4P; split.
- by apply/N.ltb_lt.
- by apply/N.ltb_lt; apply: N.lt_le_trans c_ge.
- by case/and5P: limits => _ _ _ _ /and5P [_ _ p_gt].
case/and5P: limits => _ _ _ _ /and5P [_ _ _ p_lt _]; move: p_lt q_gt; rewrite /=.
by case: (Document.h_q h).
Qed.

Let ok : in_range g. Proof. by apply/header_okP; apply: experiment_ok. Qed.

Lemma levelE : row_level g = Verdict.level_of_one h.
Proof.
have [q_gt _ _] := Verdict.in_limits limits.
rewrite /row_level /Verdict.level_of_one /fraction /= Verdict.posE //.
by case: (Document.h_scope h).
Qed.

Let pred_c : (c.-1)%:R = c%:R - 1 :> rat.
Proof. by case: ok => _ c_gt1 _; rewrite -subn1 natrB // ltnW. Qed.

Lemma testE : test_level c (row_level g) = Verdict.sign_at h.
Proof. by rewrite /test_level /Verdict.sign_at levelE natrM pred_c. Qed.

Lemma betaE : beta g = Verdict.bound_at h.
Proof.
rewrite /beta /Verdict.bound_at /bound_level [h_classes g]/= [h_method g]/= -/c testE levelE.
case: (Document.h_method h) => //=; rewrite Checker.eqbE -/c.
by case: ifP => // _; rewrite pred_c.
Qed.

Section Counts.
Variable counts : seq N.
Let ys := map N.to_nat counts.

Lemma topE : N.to_nat (Judge.largest counts) = most ys.
Proof. exact: mostE. Qed.

Lemma labelE : Judge.label_of counts = first_top ys.
Proof.
rewrite /Judge.label_of /first_top -topE /ys index_map //; exact: N2Nat.inj.
Qed.

Lemma secondE : N.to_nat (Judge.second counts) = next_count ys.
Proof.
rewrite /Judge.second /next_count -[N.to_nat _]/(N.to_nat (BinRow.largest _)) mostE.
by rewrite map_cat map_take map_drop labelE.
Qed.

Lemma certificate_true label low up radius worst index truth :
  Verdict.true_row h (Document.Row index counts (Document.Certificate label low up radius worst) truth) ->
  exists tl ts, true_row g ys (Certificate label tl ts radius worst).
Proof.
rewrite /Verdict.true_row [Document.r_counts _]/= [Document.r_outcome _]/= topE secondE.
case=> apart [-> [tl [ts [_ _ [[low_is above] claim]]]]]; exists tl, ts.
have /andP [b_gt0 b_lt1] := beta_unit ok.
have tightE x t : lower_is (N.to_nat (Document.h_models h)) x (Pos.to_nat Document.Grid.one)
    (Verdict.bound_at h) t -> t = low_t (N.to_nat (Document.h_models h))
    (Pos.to_nat Document.Grid.one) (beta g) x.
  rewrite -betaE => is_low; exact: (proj1 (lower_isP _ _ _ _ b_lt1 (ltW b_gt0)) is_low).
have lowE : N.to_nat tl = low_due g ys by apply: tightE.
have upE : N.to_nat ts = up_due g ys.
  rewrite /up_due /rest_due -lowE [h_method g]/=; move: above.
  by case: (Document.h_method h) => [[u /tightE -> ->]|->|[u /tightE -> ->]].
split; [by rewrite Nat2N.id labelE | exact: lowE | exact: upE |].
split; last by rewrite -lowE -upE.
rewrite /selects [h_method g]/= [h_classes g]/= -/c testE.
move: apart; rewrite /Verdict.told_apart; case: (Document.h_method h); [by [] | by [] |].
move=> /(_ erefl) le; exact: le.
Qed.

End Counts.
End Row.

(** ** What an accepted file is worth *)

Lemma valid_true digest bytes h rows s : valid digest bytes h rows s ->
  [/\ bytes = Printer.Print.lines (Document.Encode.document h rows s),
      all Printer.Print.proper (Document.Encode.document h rows s)
    & Accepted.true_document digest h rows s].
Proof. by case=> head [body [foot [-> -> /Accepted.judged_true]]]. Qed.

Lemma valid_one digest digest' bytes h rows s h' rows' s' :
  valid digest bytes h rows s -> valid digest' bytes h' rows' s' ->
  [/\ h = h', rows = rows' & s = s'].
Proof.
move=> /valid_true [-> ok _] /valid_true [eq_b ok' _]; exact: Accepted.same_bytes ok ok' eq_b.
Qed.

(** The program of Rows.v accepts each of its certificates, with the bounds that its text spells. *)
Lemma valid_accepts digest bytes h rows s r label low up radius worst :
  valid digest bytes h rows s -> List.In r rows ->
  Document.r_outcome r = Document.Certificate label low up radius worst ->
  exists tl ts, BinRow.accepts (experiment h) (Document.r_counts r)
    (Certificate label tl ts radius worst) = true.
Proof.
move=> is_valid in_rows outE; have limits := valid_limits is_valid.
have [_ _ [[_ truth _ _] _]] := valid_true is_valid.
case: r in_rows outE => [index counts outcome y] /truth + /= eq_out.
rewrite eq_out => /(certificate_true limits) [tl [ts true_g]]; exists tl, ts.
have good : in_range (experiment h) by apply/header_okP; apply: experiment_ok.
exact: (proj2 (acceptsP good _ _) true_g).
Qed.

(** An event that needs a correct header has the level of correct headers. *)
Lemma at_most_if (T : finType) (P : T -> rat) (E : T -> Prop) (a : rat) (ok : bool) :
  0 <= a -> (forall o, E o -> ok) -> (ok -> at_most P E a) -> at_most P E a.
Proof.
move=> a_ge0 need; case: ok need => [_|need _]; first by apply.
by exists pred0; split=> [|o /need //]; rewrite /Pr big_pred0.
Qed.

Lemma level_ge0 h : 0 <= level_factor h * fraction (h_num h) (h_den h).
Proof.
rewrite mulr_ge0 ?divr_ge0 ?ler0n // /level_factor.
by case: (h_method h) => //; case: ifP => // _; case: ifP => _; rewrite divr_ge0 ?ler0n.
Qed.

Section File.
Variables (h : header) (X : Type).
Let c := N.to_nat (h_classes h).
Let V := N.to_nat (h_models h).
Let n := N.to_nat (h_n h).
Let k := N.to_nat (h_k h).
Variables (e : nat) (D : 'I_n -> X) (J : joint X k c e) (digest : text -> text).
Let outs := outcome k c e V n.

(** A row that is false of example [i], in a file that is accepted. *)
Lemma file_row (o : outs) bytes head rows s i r label low up radius worst :
  valid digest bytes head rows s -> experiment head = h ->
  List.In r rows -> Document.r_counts r = vote_counts (votes_of o i) ->
  Document.r_outcome r = Document.Certificate label low up radius worst ->
  (exists n' (D' : 'I_n' -> X), reaches (h_attack h) (N.to_nat radius) D D' /\
     ~ exists j : 'I_c, N.to_nat label = j /\ predicts (at_example J i) D' j) ->
  false_accepted D J o i.
Proof.
move=> is_valid eq_h in_rows countsE outE isnt.
have [tl [ts]] := valid_accepts is_valid in_rows outE; rewrite eq_h countsE => acc.
by exists (Certificate label tl ts radius worst).
Qed.

Lemma file_ok bytes head rows s : valid digest bytes head rows s -> experiment head = h ->
  BinRow.header_ok h.
Proof. by move=> /valid_limits/experiment_ok + <-. Qed.

(** ** Eq (9): the certified accuracy that the file states *)
Variables (truth : 'I_e -> 'I_c) (number : 'I_e -> N).

(** The row is about example [i], with its votes and its true label. *)
Definition about (o : outs) (i : 'I_e) (r : Document.row) : Prop :=
  [/\ Document.r_index r = number i, Document.r_counts r = vote_counts (votes_of o i)
    & Document.r_truth r = Some (N.of_nat (truth i))].

Lemma has_in T (a : pred T) (xs : seq T) : has a xs -> exists2 x, List.In x xs & a x.
Proof.
elim: xs => //= x xs IH /orP [ax|/IH [y y_in ay]]; first by exists x; [left|].
by exists y; [right|].
Qed.

Lemma filter_in T (a : pred T) (xs : seq T) x : List.In x (filter a xs) -> a x.
Proof. by elim: xs => //= y xs IH; case: ifP => // ay [<-|/IH]. Qed.

(** As many rows as have another example's number each. *)
Lemma numbered (a : pred 'I_e) (rows : seq Document.row) :
  pairwise N.ltb (map Document.r_index rows) ->
  (seq.count (fun r => [exists i, (number i == Document.r_index r) && a i]) rows <= #|a|)%N.
Proof.
rewrite pairwise_map -size_filter filter_mask => /pairwise_mask up.
rewrite -(size_map Document.r_index) cardE -(size_map number); apply: uniq_leq_size.
  rewrite uniq_pairwise pairwise_map; apply: sub_pairwise (up _) => x y /= /N.ltb_lt lt.
  by apply/eqP => eq_xy; move: lt; rewrite eq_xy => /N.lt_irrefl.
move=> x; rewrite -filter_mask => x_in.
have {x_in} : has (pred1 x) (map Document.r_index
    (filter (fun r => [exists i, (number i == Document.r_index r) && a i]) rows)).
  by rewrite has_pred1.
rewrite has_map => /has_in [r in_r /= /eqP <-]; have {in_r} := filter_in in_r.
by case/existsP=> i /andP [/eqP <- ai]; apply: map_f; rewrite mem_enum.
Qed.

Lemma file_overstated (o : outs) bytes head rows s pairs r m n' (D' : 'I_n' -> X) :
  valid digest bytes head rows s -> experiment head = h ->
  (forall row, List.In row rows -> exists i, about o i row) ->
  Document.s_accuracy s = Some pairs -> [:: r; m] \in pairs ->
  reaches (h_attack h) (N.to_nat r) D D' ->
  (#|[pred i | predictsb (at_example J i) D' (truth i)]| < N.to_nat m)%N ->
  exists i, false_accepted D J o i.
Proof.
move=> is_valid eq_h all_about accE in_pairs reach.
have [_ _ [[_ _ up _] [_ _ /(_ _ accE)]]] := valid_true is_valid.
case=> ps [pairsE _ _ mE]; move: in_pairs; rewrite pairsE => /mapP [[r' m'] in_ps [/= eq_r ->]].
rewrite eq_r in reach; rewrite (mE _ in_ps) [fst _]/= => {mE in_ps eq_r}.
pose counts row := if Judge.is_correct row is Some rad then (r' <=? rad)%num else false.
have -> : seq.count (N.leb r') (Accepted.correct_radii rows) = seq.count counts rows.
  rewrite /Accepted.correct_radii; elim: rows {is_valid all_about up} => // row rows IH.
  by rewrite [RHS]/= -IH /counts /=; case: (Judge.is_correct row).
pose a := [pred i | predictsb (at_example J i) D' (truth i)].
pose known row := [exists i, (number i == Document.r_index row) && a i].
have [/has_in [row in_rows /andP [counts_row no]] _|none] :=
  boolP (has (fun row => counts row && ~~ known row) rows); last first.
  rewrite ltnNge; case/negP; apply: leq_trans (numbered a up).
  elim: rows none {is_valid all_about up} => //= row rows IH.
  rewrite negb_or negb_and negbK => /andP [here /IH]; apply: leq_add.
  by case/orP: here => [/negPf ->|]; rewrite /known /a ?leq0n // => ->; apply: leq_b1.
have [i [indexE countsE truthE]] := all_about _ in_rows.
move: counts_row; rewrite /counts /Judge.is_correct truthE.
case outE: (Document.r_outcome row) => [|label low up' radius worst] //.
case: N.eqb_spec => // labelE; rewrite lebE => r_radius.
exists i; apply: (file_row is_valid eq_h in_rows countsE outE).
exists n', D'; split; first exact: reaches_more reach.
case=> j [jE pred_j]; case/negP: no; apply/existsP; exists i; rewrite indexE eqxx /=.
by apply/predictsP; rewrite (_ : truth i = j) //; apply: val_inj; rewrite /= -jE labelE Nat2N.id.
Qed.

End File.
