(** JSON as the certificate file spells it, and the file's lines. Printing is injective
    (Printed.v), so that the bytes of a file determine what it states: a parser only proposes
    what to print. Here the program, and what its numbers and strings determine. *)
From Coq Require Import NArith ZArith Lia String Ascii.
From mathcomp Require Import all_ssreflect.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(** Bytes, or the 16-bit units of a string (UTF-16). *)
Definition text := seq N.

Fixpoint ascii_text (s : string) : text :=
  match s with EmptyString => [::] | String c rest => N_of_ascii c :: ascii_text rest end.

(** Numbers are natural numbers, the keys of an object ordered. *)
Inductive json :=
  | Number (n : N)
  | Words (units : text)
  | List (values : seq json)
  | Object (fields : seq (text * json)).

(** ** The program: each printer is handed what follows *)
Module Print.
Local Open Scope N_scope.

Fixpoint digits_within (fuel : nat) (n : N) (rest : text) : text :=
  if n <? 10 then 48 + n :: rest else
  match fuel with
  | O => rest
  | S less => digits_within less (n / 10) (48 + n mod 10 :: rest)
  end.

(** Decimal digits, no leading zero. *)
Definition digits (n : N) (rest : text) : text := digits_within (N.size_nat n) n rest.

Definition hex_digit (d : N) : N := if d <? 10 then 48 + d else 87 + d.

(** As Python's json.dumps does: ASCII, short escapes where there are any. *)
Definition unit (u : N) (rest : text) : text :=
  if u =? 34 then 92 :: 34 :: rest
  else if u =? 92 then 92 :: 92 :: rest
  else if (32 <=? u) && (u <=? 126) then u :: rest
  else if u =? 10 then 92 :: 110 :: rest
  else if u =? 13 then 92 :: 114 :: rest
  else if u =? 9 then 92 :: 116 :: rest
  else if u =? 12 then 92 :: 102 :: rest
  else if u =? 8 then 92 :: 98 :: rest
  else 92 :: 117 :: hex_digit (u / 4096) :: hex_digit (u / 256 mod 16)
         :: hex_digit (u / 16 mod 16) :: hex_digit (u mod 16) :: rest.

Fixpoint units (us : text) (rest : text) : text :=
  if us is u :: more then unit u (units more rest) else 34 :: rest.

Fixpoint value (j : json) (rest : text) : text :=
  let fix values js :=
    if js is j :: more then 44 :: value j (values more) else 93 :: rest in
  let fix fields fs :=
    if fs is (key, j) :: more then 44 :: 34 :: units key (58 :: value j (fields more))
    else 125 :: rest in
  match j with
  | Number n => digits n rest
  | Words us => 34 :: units us rest
  | List [::] => 91 :: 93 :: rest
  | List (j :: more) => 91 :: value j (values more)
  | Object [::] => 123 :: 125 :: rest
  | Object ((key, j) :: more) => 123 :: 34 :: units key (58 :: value j (fields more))
  end.

(** Each value on a line of its own. *)
Fixpoint lines (js : seq json) : text :=
  if js is j :: more then value j (10 :: lines more) else [::].

Definition line (j : json) : text := value j [:: 10].

Definition proper_text (us : text) : bool := all (fun u => u <? 65536) us.

(** Units of 16 bits everywhere. *)
Fixpoint proper (j : json) : bool :=
  match j with
  | Number _ => true
  | Words us => proper_text us
  | List js => all proper js
  | Object fs => all (fun f => proper_text f.1 && proper f.2) fs
  end.

End Print.

(** ** What follows a number does not go on with it *)
Module Import Read.
Local Open Scope N_scope.

Definition is_digit (c : N) : bool := (48 <=? c) && (c <=? 57).

Definition stops (rest : text) : bool := if rest is c :: _ then ~~ is_digit c else true.

Fixpoint number (n : N) (bytes : text) : N * text :=
  if bytes is c :: more then
    if is_digit c then number (10 * n + (c - 48)) more else (n, bytes)
  else (n, bytes).

Definition unhex (c : N) : N := if c <? 58 then c - 48 else c - 87.

Definition escaped (bytes : text) : option (N * text) :=
  match bytes with
  | c :: rest =>
    if c =? 92 then
      match rest with
      | e :: rest =>
        if (e =? 34) || (e =? 92) then Some (e, rest)
        else if e =? 110 then Some (10, rest)
        else if e =? 114 then Some (13, rest)
        else if e =? 116 then Some (9, rest)
        else if e =? 102 then Some (12, rest)
        else if e =? 98 then Some (8, rest)
        else if rest is a :: b :: c :: d :: rest then
          Some (((unhex a * 16 + unhex b) * 16 + unhex c) * 16 + unhex d, rest)
        else None
      | [::] => None
      end
    else Some (c, rest)
  | [::] => None
  end.

End Read.

Ltac to_divisions := Z.to_euclidean_division_equations.
Ltac Zify.zify_post_hook ::= to_divisions.

Lemma number_digit c m rest : (c < 10)%num ->
  Read.number m (48 + c :: rest)%num = Read.number (10 * m + c) rest.
Proof.
move=> lt; have -> : Read.number m (48 + c :: rest)%num =
  (if is_digit (48 + c) then Read.number (10 * m + (48 + c - 48)) rest
   else (m, 48 + c :: rest))%num by [].
have -> : is_digit (48 + c) by apply/andP; split; apply/N.leb_spec0; lia.
by congr Read.number; lia.
Qed.

Lemma digits_withinK fuel n rest : (n < 10 * 2 ^ N.of_nat fuel)%num ->
  Read.number 0 (Print.digits_within fuel n rest) = Read.number n rest.
Proof.
elim: fuel n rest => [|fuel IH] n rest lt; rewrite /Print.digits_within -/Print.digits_within.
  have small : (n < 10)%num by move: lt; rewrite N.pow_0_r; lia.
  by rewrite (proj2 (N.ltb_lt _ _) small) number_digit.
case: N.ltb_spec0 => [small | large]; first by rewrite number_digit.
rewrite IH; last first.
  by move: lt; rewrite Nat2N.inj_succ N.pow_succ_r'; set P := (2 ^ _)%num; lia.
by rewrite number_digit; [congr Read.number; lia | lia].
Qed.

Lemma digitsK n rest : stops rest -> Read.number 0 (Print.digits n rest) = (n, rest).
Proof.
move=> stop; rewrite /Print.digits digits_withinK.
  by case: rest stop => //= c rest /negbTE ->.
case: n => [|p]; first by rewrite /=; lia.
have : (N.pos p < 2 ^ N.of_nat (Pos.size_nat p))%num.
  have -> : N.of_nat (Pos.size_nat p) = N.size (N.pos p).
    by elim: p => // p IH; rewrite -[Pos.size_nat _]/(S (Pos.size_nat p)) Nat2N.inj_succ IH.
  exact: N.size_gt.
by set P := (2 ^ _)%num; lia.
Qed.

Lemma digits_start n rest : stops rest -> ~~ stops (Print.digits n rest).
Proof.
move=> stop; apply/negP => no; have := digitsK n stop.
have {no} -> : Read.number 0 (Print.digits n rest) = (0%num, Print.digits n rest).
  by case: (Print.digits n rest) no => //= c more /negbTE ->.
by case=> <- /(congr1 size) /eqP; rewrite /= eqn_leq ltnn.
Qed.

Lemma unhexK d : (d < 16)%num -> unhex (Print.hex_digit d) = d.
Proof.
move=> lt; rewrite /unhex /Print.hex_digit.
by case: (N.ltb_spec0 d 10) => ?; case: N.ltb_spec0 => ?; lia.
Qed.

Lemma escapedK u rest : (u < 65536)%num -> escaped (Print.unit u rest) = Some (u, rest).
Proof.
move=> lt; rewrite /Print.unit; do 2![case: N.eqb_spec => [-> //|?]].
case: ifP => _; first by rewrite /escaped; case: N.eqb_spec.
do 5![case: N.eqb_spec => [-> //|?]].
rewrite /escaped /= !unhexK; try lia.
by congr (Some (_, _)); lia.
Qed.

(** No unit is spelled with a quote first. *)
Lemma unit_start u rest : exists2 c, c <> 34%num & exists more, Print.unit u rest = c :: more.
Proof.
rewrite /Print.unit; do 2![case: N.eqb_spec => [_|?]; first by exists 92%num => //; eexists].
case: ifP => _; first by exists u => //; eexists.
by do 5![case: N.eqb_spec => [_|?]; first by exists 92%num => //; eexists];
  exists 92%num => //; eexists.
Qed.

Lemma units_inj us vs rest rest' :
  Print.proper_text us -> Print.proper_text vs ->
  Print.units us rest = Print.units vs rest' -> us = vs /\ rest = rest'.
Proof.
elim: us vs => [|u us IH] [|v vs] /=.
- by move=> _ _ [].
- move=> _ _ eq_s; have [c neq [more e]] := unit_start v (Print.units vs rest').
  by move: eq_s; rewrite e => -[/esym].
- move=> _ _ eq_s; have [c neq [more e]] := unit_start u (Print.units us rest).
  by move: eq_s; rewrite e => -[].
case/andP=> /N.ltb_spec0 lt_u ok_us /andP[/N.ltb_spec0 lt_v ok_vs] eq_s.
have := escapedK (Print.units us rest) lt_u; rewrite eq_s escapedK // => -[-> /esym eq_r].
by have [-> ->] := IH _ ok_us ok_vs eq_r.
Qed.
