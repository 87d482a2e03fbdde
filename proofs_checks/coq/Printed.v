(** Printing is injective: a value's bytes are a prefix code where a number is followed by what
    stops it, so that the bytes of a file determine the values on its lines. *)
From Coq Require Import NArith ZArith Lia.
From mathcomp Require Import all_ssreflect.
From Bagcert Require Import Printer.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Read.

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
