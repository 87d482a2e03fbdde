(** JSON as the certificate file spells it, and the file's lines: printing is injective, so that
    the bytes of a file determine what it states. A parser only proposes what to print. *)
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

(** *** Values: a prefix code where a number is followed by what stops it *)

Section Values.

Fixpoint values_after js rest : text :=
  if js is j :: more then (44 :: Print.value j (values_after more rest))%num
  else (93 :: rest)%num.

Fixpoint fields_after fs rest : text :=
  if fs is (key, j) :: more
  then (44 :: 34 :: Print.units key (58 :: Print.value j (fields_after more rest)))%num
  else (125 :: rest)%num.

Lemma valuesE js rest : Print.value (List js) rest =
  (91 :: if js is j :: more then Print.value j (values_after more rest) else 93 :: rest)%num.
Proof.
case: js => // j js /=; congr (_ :: Print.value j _).
by elim: js => //= j' js ->.
Qed.

Lemma fieldsE fs rest : Print.value (Object fs) rest =
  (123 :: if fs is (key, j) :: more
          then 34 :: Print.units key (58 :: Print.value j (fields_after more rest))
          else 125 :: rest)%num.
Proof.
case: fs => // -[key j] fs /=; congr (_ :: _ :: Print.units key (_ :: Print.value j _)).
by elim: fs => //= -[key' j'] fs ->.
Qed.

(** Induction over nested lists. *)
Section Induction.
Variable P : json -> Prop.
Hypotheses (on_number : forall n, P (Number n)) (on_words : forall us, P (Words us)).
Hypothesis on_list : forall js, (forall j, List.In j js -> P j) -> P (List js).
Hypothesis on_object : forall fs, (forall f, List.In f fs -> P f.2) -> P (Object fs).

Fixpoint json_induction (j : json) : P j :=
  match j with
  | Number n => on_number n
  | Words us => on_words us
  | List js => on_list
      ((fix each js : forall j, List.In j js -> P j :=
         match js with
         | [::] => fun _ no => False_ind _ no
         | j :: more => fun i at_i =>
             match at_i with
             | or_introl eq => eq_ind j P (json_induction j) i eq
             | or_intror later => each more i later
             end
         end) js)
  | Object fs => on_object
      ((fix each fs : forall f, List.In f fs -> P f.2 :=
         match fs with
         | [::] => fun _ no => False_ind _ no
         | f :: more => fun i at_i =>
             match at_i with
             | or_introl eq => eq_ind f (fun f => P f.2) (json_induction f.2) i eq
             | or_intror later => each more i later
             end
         end) fs)
  end.
End Induction.

(** What starts a value. *)
Lemma value_start j rest : stops rest -> exists c, exists more,
  Print.value j rest = c :: more /\
  match j with
  | Number _ => is_digit c = true
  | Words _ => c = 34%num | List _ => c = 91%num | Object _ => c = 123%num
  end.
Proof.
move=> stop; case: j => [n|us|js|fs]; last by rewrite fieldsE; do 2!eexists.
- have := digits_start n stop; rewrite /=; case: Print.digits => //= c more /negbNE ok.
  by exists c, more.
- by do 2!eexists.
- by rewrite valuesE; do 2!eexists.
Qed.

Lemma value_start_neq j rest more : stops rest -> Print.value j rest <> (93 :: more)%num.
Proof. by move/(value_start j) => [c [m [-> start]]] [] eq_c _; move: start; rewrite eq_c; case: j. Qed.

Definition determined (j : json) : Prop := forall j' rest rest',
  Print.proper j -> Print.proper j' -> stops rest -> stops rest' ->
  Print.value j rest = Print.value j' rest' -> j = j' /\ rest = rest'.

Lemma values_inj js js' rest rest' :
  (forall j, List.In j js -> determined j) ->
  all Print.proper js -> all Print.proper js' ->
  values_after js rest = values_after js' rest' -> js = js' /\ rest = rest'.
Proof.
elim: js js' => [|j js IH] [|j' js'] known //=; try by move=> _ _ [].
case/andP=> ok_j ok_js /andP[ok_j' ok_js'] [] eq_v.
have stop xs r : stops (values_after xs r) by case: xs.
have [-> eq_r] := known j (or_introl erefl) _ _ _ ok_j ok_j' (stop _ _) (stop _ _) eq_v.
have [i at_i|-> ->] := IH js' _ ok_js ok_js' eq_r; last by [].
by apply: known; right.
Qed.

Lemma fields_inj fs fs' rest rest' :
  (forall f, List.In f fs -> determined f.2) ->
  all (fun f => Print.proper_text f.1 && Print.proper f.2) fs ->
  all (fun f => Print.proper_text f.1 && Print.proper f.2) fs' ->
  fields_after fs rest = fields_after fs' rest' -> fs = fs' /\ rest = rest'.
Proof.
elim: fs fs' => [|[key j] fs IH] [|[key' j'] fs'] known //=; try by move=> _ _ [].
case/andP=> /andP[ok_k ok_j] ok_fs /andP[/andP[ok_k' ok_j'] ok_fs'] [].
case/(units_inj ok_k ok_k') => -> [] eq_v.
have stop xs r : stops (fields_after xs r) by case: xs => [|[]].
have at_j : determined j by have := known (key, j) (or_introl erefl).
have [-> eq_r] := at_j _ _ _ ok_j ok_j' (stop _ _) (stop _ _) eq_v.
have [i at_i|-> ->] := IH fs' _ ok_fs ok_fs' eq_r; last by [].
by apply: known; right.
Qed.

Lemma value_inj j : determined j.
Proof.
elim/json_induction: j => [n|us|js known|fs known] j' rest rest' ok ok' stop stop' eq_v;
  have [c' [m' [e' k']]] := value_start j' stop'.
- have [c [m [e k]]] := value_start (Number n) stop.
  have eq_c : c = c' by move: eq_v; rewrite e e' => -[].
  case: j' k' eq_v {ok' e'} => [n'|us'|js'|fs'] k' eq_v; try by rewrite eq_c k' in k.
  by have := digitsK n stop; rewrite [Print.digits _ _]eq_v digitsK // => -[-> ->].
- have {m' e'} eq_c : c' = 34%num by move: e'; rewrite -eq_v => -[].
  case: j' k' eq_v ok' => [n'|us'|js'|fs'] k' eq_v ok'; try by rewrite eq_c in k'.
  by case: eq_v => /(units_inj ok ok') [-> ->].
- have {m' e'} eq_c : c' = 91%num by move: e'; rewrite -eq_v valuesE => -[].
  case: j' k' eq_v ok' => [n'|us'|js'|fs'] k' eq_v ok'; try by rewrite eq_c in k'.
  have stop_js xs r : stops (values_after xs r) by case: xs.
  have eq_js : values_after js rest = values_after js' rest'.
    move: eq_v; rewrite !valuesE {ok ok' known} => -[].
    case: js js' => [|i js] [|i' js'] /=; first by case=> ->.
    + by move=> /esym/value_start_neq [].
    + by move=> /value_start_neq [].
    + by move=> ->.
  by have [-> ->] := values_inj known ok ok' eq_js.
- have {m' e'} eq_c : c' = 123%num by move: e'; rewrite -eq_v fieldsE => -[].
  case: j' k' eq_v ok' => [n'|us'|js'|fs'] k' eq_v ok'; try by rewrite eq_c in k'.
  have eq_fs : fields_after fs rest = fields_after fs' rest'.
    move: eq_v; rewrite !fieldsE {ok ok' known} => -[].
    case: fs fs' => [|[key i] fs] [|[key' i'] fs'] //=; first by case=> ->.
  by have [eq_f ->] := fields_inj known ok ok' eq_fs; split=> //; congr Object.
Qed.

(** The bytes determine the values on the lines. *)
Theorem lines_inj js js' : all Print.proper js -> all Print.proper js' ->
  Print.lines js = Print.lines js' -> js = js'.
Proof.
have start j more : exists c, exists m, Print.value j (10 :: more)%num = c :: m.
  by have [|c [m [e _]]] := @value_start j (10 :: more)%num; [| exists c, m].
elim: js js' => [|j js IH] [|j' js'] //=.
- by have [c [m ->]] := start j' (Print.lines js').
- by have [c [m ->]] := start j (Print.lines js).
case/andP=> ok_j ok_js /andP[ok_j' ok_js'] eq_v.
have [||-> [] /(IH _ ok_js ok_js') ->] // := value_inj ok_j ok_j' _ _ eq_v.
Qed.

(** A printer puts its bytes before what follows. *)
Lemma digits_cat n r rest : Print.digits n (r ++ rest) = Print.digits n r ++ rest.
Proof.
rewrite /Print.digits; move: (N.size_nat n) => fuel; elim: fuel n r => [|fuel IH] n r /=; case: ifP => // _.
by rewrite -IH.
Qed.

Lemma units_cat us r rest : Print.units us (r ++ rest) = Print.units us r ++ rest.
Proof.
elim: us => //= u us ->; rewrite /Print.unit.
by do 2![case: ifP => // _]; case: ifP => // _; do 5![case: ifP => // _].
Qed.

Lemma value_cat j r rest : Print.value j (r ++ rest) = Print.value j r ++ rest.
Proof.
elim/json_induction: j r => [n|us|js known|fs known] r.
- exact: digits_cat.
- by rewrite /= units_cat.
- have after xs : (forall j, List.In j xs -> List.In j js) ->
      values_after xs (r ++ rest) = values_after xs r ++ rest.
    elim: xs => //= j xs IH sub; rewrite IH => [|i at_i]; last by apply: sub; right.
    by rewrite (known j) //; apply: sub; left.
  rewrite !valuesE; case: js known after => //= j js known after.
  by rewrite after => [|i at_i]; [rewrite known //; left | right].
- have after xs : (forall f, List.In f xs -> List.In f fs) ->
      fields_after xs (r ++ rest) = fields_after xs r ++ rest.
    elim: xs => //= -[key j] xs IH sub; rewrite IH => [|i at_i]; last by apply: sub; right.
    by rewrite (known (key, j)) -?cat_cons ?units_cat //; apply: sub; left.
  rewrite !fieldsE; case: fs known after => //= -[key j] fs known after.
  rewrite after => [|i at_i]; last by right.
  by rewrite (known (key, j)) -?cat_cons ?units_cat //; left.
Qed.

Lemma lines_cons j js : Print.lines (j :: js) = Print.line j ++ Print.lines js.
Proof. by rewrite /Print.line -value_cat. Qed.

Lemma linesE js : Print.lines js = flatten (map Print.line js).
Proof. by elim: js => // j js IH; rewrite lines_cons IH. Qed.

End Values.
