(** What a row of a certificate file claims, by the definitions of Claims.v and Tails.v, and
    [row_judged]: a row that the judge accepts is true. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Cohen Claims Checker Tails Series Printer Document Judge.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.

(** ** What a row claims *)
Section Meaning.
Variable h : header.
Let V := N.to_nat (h_models h).
Let d := Pos.to_nat Grid.one.

(** A bound's level, and the sign test's. *)
Definition bound_at : rat := fraction (Judge.bound_level h).1 (Judge.bound_level h).2.
Definition sign_at : rat := fraction (h_p h) (Judge.sign_den h).

(** [selected]: Pr(Bin(n_l + n_s, 1/2) >= n_l) is at most its level. *)
Definition told_apart (nl ns : nat) : Prop :=
  h_method h = Selected -> (upper_tail (nl + ns) nl (fraction 1 2) <= sign_at)%R.

(** p_l = tl / 2^53 and p_s = ts / 2^53 are the method's bounds, the tightest on the grid. *)
Definition bounds_are (nl ns tl ts : nat) : Prop :=
  lower_is V nl d bound_at tl /\
  match h_method h with
  | Cohen => ts = d - tl
  | _ => exists2 u, lower_is V (V - ns) d bound_at u & ts = d - maxn tl u
  end.

Definition claim_holds (nl ns : nat) (stated : claim nat) (tl ts : N) : Prop :=
  bounds_are nl ns (N.to_nat tl) (N.to_nat ts) /\
  true_claim (h_attack h) (h_residual h) (N.to_nat (h_n h)) (N.to_nat (h_k h))
    (fraction tl Grid.one) (fraction ts Grid.one) stated.

Definition true_row (r : row) : Prop :=
  let nl := N.to_nat (Judge.largest (r_counts r)) in
  let ns := N.to_nat (Judge.second (r_counts r)) in
  match r_outcome r with
  | Abstain Selection => ~ told_apart nl ns
  | Abstain Bounds => told_apart nl ns /\ exists tl ts, claim_holds nl ns AbstainBounds tl ts
  | Abstain NoGap => told_apart nl ns /\ exists tl ts, claim_holds nl ns AbstainResidual tl ts
  | Certificate label low up radius worst =>
      told_apart nl ns /\ label = N.of_nat (Judge.label_of (r_counts r)) /\
      exists tl ts, [/\ low = Grid.spelled tl, up = Grid.spelled ts
        & claim_holds nl ns (Certified (N.to_nat radius) (omap N.to_nat worst)) tl ts]
  end.

End Meaning.

(** ** The judge of a row decides it *)
Section Row.
Variable h : header.
Let z := Judge.setting_of h.
Let tail x t := Series.tail_at_most (h_models h) x t Grid.one (Judge.level z) (Judge.over z).

Lemma tail_at_zero x : x <> 0%num -> tail x 0.
Proof.
rewrite /tail /Series.tail_at_most; move: Series.start Series.doublings => one more x_neq0.
by case: ifP => //; case: (N.eqb_spec x 0).
Qed.

(** Never to be computed in a proof. *)
Local Opaque Series.tail_at_most Grid.one.

Lemma tightestP x t : Judge.tightest z x t ->
  lower_is (N.to_nat (h_models h)) (N.to_nat x) (Pos.to_nat Grid.one) (bound_at h) (N.to_nat t).
Proof.
case/andP=> /andP[t_le ok] no; apply: (@lower_sound _ _ _ _ (Judge.level z) (Judge.over z)).
rewrite /BinTail.lower_test; case: N.eqb_spec => [x0 | x_neq0].
  by move: ok; rewrite x0 /= orbF.
have x_gt0 : (0 <? x)%num by apply/N.ltb_lt/N.neq_0_lt_0.
rewrite -!tail_at_mostE; apply/andP; split.
  case/orP: ok => [/N.eqb_eq -> | /andP[_ //]]; exact: tail_at_zero.
case: (N.eqb_spec t (N.pos Grid.one)) => [_|t_neq]; first by [].
rewrite orFb; move: no; rewrite /Judge.sound x_gt0 andTb.
have -> : (N.succ t <=? N.pos Grid.one)%num.
  apply/N.leb_le/N.le_succ_l/N.le_neq; split=> //; exact/N.leb_le.
by have -> : (N.succ t =? 0)%num = false by apply/N.eqb_neq/N.neq_succ_0.
Qed.

Lemma some_tightest x t : ~~ Judge.sound z x (N.succ t) ->
  exists2 w, Judge.tightest z x w & (w <= t)%num.
Proof.
move: t; apply: N.peano_ind => [|t IH] no.
  have [ok|ok] := boolP (Judge.sound z x 0); last by case/negP: ok.
  by exists 0%num; [rewrite /Judge.tightest ok | exact: N.le_refl].
have [ok|ok] := boolP (Judge.sound z x (N.succ t)).
  by exists (N.succ t); [rewrite /Judge.tightest ok | exact: N.le_refl].
by have [w tight le] := IH ok; exists w => //; apply: N.le_trans le (N.le_succ_diag_r t).
Qed.

Lemma boundsP nl ns tl ts : Judge.tightest z nl tl -> Judge.tightest_above z ns tl ts ->
  bounds_are h (N.to_nat nl) (N.to_nat ns) (N.to_nat tl) (N.to_nat ts).
Proof.
move=> low; rewrite /Judge.tightest_above /bounds_are => /andP[].
rewrite Checker.lebE => ts_le.
have : N.to_nat ts = (Pos.to_nat Grid.one - N.to_nat (N.pos Grid.one - ts))%N.
  by rewrite Checker.subE subKn.
have tight := tightestP; move: tight (low) ts_le.
(* 2^53 is no number to compute with over [nat]. *)
move: (Pos.to_nat Grid.one) (N.pos Grid.one - ts)%num => d u tight /tight low_is _ ->.
change (Judge.header_of z) with h.
have restE : N.to_nat (h_models h - ns) = (N.to_nat (h_models h) - N.to_nat ns)%N.
  exact: Checker.subE.
have several : [&& (tl <=? u)%num, (u =? tl)%num || Judge.sound z (h_models h - ns) u
    & ~~ Judge.sound z (h_models h - ns) (N.succ u)] ->
    exists2 v, lower_is (N.to_nat (h_models h)) (N.to_nat (h_models h) - N.to_nat ns) d
      (bound_at h) v & (d - N.to_nat u = d - maxn (N.to_nat tl) v)%N.
  case/and3P=> tl_le ok no; rewrite -restE; case/orP: ok => [/N.eqb_eq u_eq | ok].
    have [w /tight w_is le] := some_tightest no; exists (N.to_nat w) => //.
    congr (_ - _)%N; rewrite u_eq; apply/esym/maxn_idPl.
    by rewrite -u_eq -Checker.lebE; apply/N.leb_le.
  exists (N.to_nat u); first by apply: tight; rewrite /Judge.tightest ok.
  by congr (_ - _)%N; apply/esym/maxn_idPr; rewrite -Checker.lebE.
case: (h_method h) => [/several|/N.eqb_eq ->|/several] //.
Qed.

Lemma selectsP nl ns : Judge.selects z nl ns <-> told_apart h (N.to_nat nl) (N.to_nat ns).
Proof.
rewrite /Judge.selects /told_apart -/z; case: (h_method h); try by split.
rewrite tail_at_mostE; split=> [/tail_at_mostP[_ ok] _ | /(_ erefl) ok].
  by rewrite -Checker.addE.
by apply/tail_at_mostP; split; rewrite ?Checker.addE.
Qed.

Lemma holdsP nl ns tl ts stated :
  Judge.tightest z nl tl -> Judge.tightest_above z ns tl ts -> Judge.holds z tl ts stated ->
  claim_holds h (N.to_nat nl) (N.to_nat ns) (claim_nat stated) tl ts.
Proof. by move=> low up /checker_sound ok; split; first exact: boundsP low up. Qed.

Lemma readP text t : Grid.read text = Some t -> text = Grid.spelled t.
Proof.
rewrite /Grid.read; move: (if text == Word.zero then _ else _) => t'.
by case E: (_ && _) => // -[<-]; case/andP: E => _ /eqP.
Qed.

Theorem row_judged r witness : Judge.row z r witness = Go tt -> true_row h r.
Proof.
rewrite /Judge.row /true_row; case: witness => tl ts.
have sel := selectsP (Judge.largest (r_counts r)) (Judge.second (r_counts r)).
case: (r_outcome r) => [[]|label low up radius worst].
- by case: ifP => // no _ /sel; rewrite no.
- case: ifP => // /negbFE /sel ok; case: ifP => // /negbFE/andP[t_l t_s].
  by case: ifP => // /(holdsP t_l t_s) holds _; split=> //; exists tl, ts.
- case: ifP => // /negbFE /sel ok; case: ifP => // /negbFE/andP[t_l t_s].
  by case: ifP => // /(holdsP t_l t_s) holds _; split=> //; exists tl, ts.
case: ifP => // /negbFE /sel ok; case: ifP => // /negbFE/N.eqb_eq is_label.
case low_is: (Grid.read low) => [t_l|//]; case: ifP => // /negbFE tight.
case up_is: (Grid.read up) => [t_s|//]; case: ifP => // /negbFE tight_s.
case: ifP => // /andP[_ /(holdsP tight tight_s) holds] _; split=> //; split=> //.
by exists t_l, t_s; split; [exact: readP | exact: readP |].
Qed.

End Row.
