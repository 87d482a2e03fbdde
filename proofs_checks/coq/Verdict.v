(** What a row of a certificate file claims, by the definitions of Claims.v and Tails.v, and
    [row_judged]: a row that the judge accepts is true. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Cohen Claims Checker Checked Tails Series SeriesExact Printer Document Judge.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.

(** ** What a row claims *)
Section Meaning.
Local Open Scope ring_scope.
Variable h : header.
Let V := N.to_nat (h_models h).
Let d := Pos.to_nat Grid.one.

Let c : rat := (N.to_nat (h_classes h))%:R.

(** a, the level of one example: alpha / e, or alpha. *)
Definition level_of_one : rat :=
  let alpha : rat := (N.to_nat (h_p h))%:R / (N.to_nat (h_q h))%:R in
  if h_scope h is Simultaneous then alpha / (N.to_nat (h_examples h))%:R else alpha.

(** The sign test's level, and a bound's: a / c (simuem), a / 2 (cohen), what c - 1 sign tests
    leave (selected), for two bounds or, at c = 2, for one. *)
Definition sign_at : rat := level_of_one / (100%:R * (c - 1)).
Definition bound_at : rat :=
  match h_method h with
  | Simuem => level_of_one / c
  | Cohen => level_of_one / 2%:R
  | Selected =>
      if (h_classes h =? 2)%num then level_of_one - sign_at
      else (level_of_one - (c - 1) * sign_at) / 2%:R
  end.

(** [selected]: Pr(Bin(n_l + n_s, 1/2) >= n_l) is at most its level. *)
Definition told_apart (nl ns : nat) : Prop :=
  h_method h = Selected -> (upper_tail (nl + ns)%N nl (fraction 1 2) <= sign_at)%R.

(** p_l = tl / 2^53 and p_s = ts / 2^53 are the method's bounds, the tightest on the grid. *)
Definition bounds_are (nl ns tl ts : nat) : Prop :=
  lower_is V nl d bound_at tl /\
  match h_method h with
  | Cohen => ts = (d - tl)%N
  | _ => exists2 u, lower_is V (V - ns)%N d bound_at u & ts = (d - maxn tl u)%N
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

(** ** The judge's levels are these *)
Section Levels.
Local Open Scope ring_scope.
Variable h : header.
Hypothesis limits : Limit.header h.

Let c := N.to_nat (h_classes h).

Lemma posE x : (0 < x)%num -> Pos.to_nat (Judge.pos x) = N.to_nat x.
Proof. by case: x. Qed.

Lemma in_limits : [/\ (0 < h_q h)%num, (0 < h_examples h)%num & (2 <= h_classes h)%num].
Proof.
case/and5P: limits => _ _ _ /andP[/N.leb_le c_ge _] /and5P[_ /andP[/N.leb_le e_ge _] p_gt p_lt _].
split=> //; last exact/N.lt_le_trans/e_ge.
by move/N.ltb_lt: p_lt; apply: N.le_lt_trans (N.le_0_l _).
Qed.

Lemma level_denE : (N.to_nat (h_p h))%:R / (Pos.to_nat (Judge.level_den h))%:R = level_of_one h.
Proof.
have [q_gt e_gt _] := in_limits; rewrite /Judge.level_den /level_of_one.
case: (h_scope h); last by rewrite posE.
by rewrite Pos2Nat.inj_mul !posE // multE natrM invfM mulrA.
Qed.

Let a := level_of_one h.
Let c1 : rat := c%:R - 1.

Let predE : (N.to_nat (N.pred (h_classes h)))%:R = c1.
Proof.
have [_ _ c_ge] := in_limits; rewrite Checker.predE -subn1 natrB //.
by have := proj2 (N.leb_le _ _) c_ge; rewrite Checker.lebE; apply: ltn_trans.
Qed.

Let c1_neq0 : c1 != 0.
Proof.
have [_ _ c_ge] := in_limits; rewrite subr_eq0 pnatr_eq1 neq_ltn.
by have := proj2 (N.leb_le _ _) c_ge; rewrite Checker.lebE => ->; rewrite orbT.
Qed.

Lemma sign_levelE : fraction (h_p h) (Judge.sign_den h) = sign_at h.
Proof.
have [_ _ c_ge] := in_limits.
rewrite /fraction /Judge.sign_den !Pos2Nat.inj_mul posE; last first.
  by apply/N.lt_succ_lt_pred; apply: N.lt_le_trans c_ge.
rewrite !multE !natrM predE -[Pos.to_nat 100]/100%N invfM mulrA level_denE.
by [].
Qed.

(** Numerals are variables here: nothing is to be computed over [rat]. *)
Let without_part (x y z w : rat) : z != 0 -> w != 0 -> y + 1 = z ->
  (x - x / (z * 1) = y * x / z) /\ ((x - w * (x / (z * w))) = y * x / z).
Proof.
move=> z_neq0 w_neq0 yE.
have base : x - x / z = y * x / z.
  have xz : x * z - x = y * x by rewrite -yE mulrDr mulr1 addrK mulrC.
  by rewrite -xz mulrBl mulfK.
split; first by rewrite mulr1.
rewrite -base; congr (_ - _); rewrite mulrC -mulrA; congr (_ * _).
by rewrite invfM -mulrA mulVf // mulr1.
Qed.

Lemma bound_levelE :
  fraction (Judge.bound_level h).1 (Judge.bound_level h).2 = bound_at h.
Proof.
have [_ _ c_ge] := in_limits.
have c_gt : (0 < h_classes h)%num by apply: N.lt_le_trans c_ge.
have den x : (N.to_nat (h_p h))%:R / (Pos.to_nat (Judge.level_den h * x))%:R =
    a / (Pos.to_nat x)%:R.
  by rewrite Pos2Nat.inj_mul multE natrM invfM mulrA level_denE.
have hundred : 100%:R != 0 :> rat by rewrite pnatr_eq0.
have sum : 99%:R + 1 = 100%:R :> rat by rewrite -[100%N]/(99 + 1)%N natrD.
have [one many] := without_part a hundred c1_neq0 sum.
have twice : 200%:R = 100%:R * 2%:R :> rat by rewrite -[200%N]/(100 * 2)%N natrM.
rewrite /Judge.bound_level /bound_at /sign_at -/a -/c -/c1; case: (h_method h).
- rewrite -[LHS]/(fraction (h_p h) (Judge.level_den h * Judge.pos (h_classes h))).
  by rewrite /fraction den posE.
- by rewrite -[LHS]/(fraction (h_p h) (Judge.level_den h * 2)) /fraction den.
set share := (if _ then 100%positive else _).
rewrite -[LHS]/(fraction (99 * h_p h) (Judge.level_den h * share)) /fraction.
rewrite Checker.mulE natrM -mulrA den /share -[N.to_nat 99]/99%N.
case: (N.eqb_spec (h_classes h) 2) => [c2 | _]; last first.
  rewrite many -[Pos.to_nat 200]/200%N twice.
  move: a (99%:R : rat) (100%:R : rat) (2%:R : rat) => x y z w.
  by rewrite invfM !mulrA.
have -> : c1 = 1 by rewrite /c1 /c c2 -[N.to_nat 2]/(1 + 1)%N natrD addrK.
rewrite one -[Pos.to_nat 100]/100%N.
by move: a (99%:R : rat) (100%:R : rat) => x y z; rewrite mulrA.
Qed.

End Levels.

(** ** The judge of a row decides it *)
Section Row.
Variable h : header.
Hypothesis limits : Limit.header h.
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
case/andP=> /andP[t_le ok] no; rewrite -(bound_levelE limits); apply: (@lower_sound _ _ _ _ (Judge.level z) (Judge.over z)).
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
rewrite /Judge.selects /told_apart -(sign_levelE limits); case: (h_method h); try by split.
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
