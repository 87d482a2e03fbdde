(* Feeds a certificate file to the judge, line by line, and prints its verdict: one of
     VALID | INVALID line field | MALFORMED line | UNDECIDED line
   with exit status 0, 1, 2, 3. Reads the file that is named, or standard input for "-".

   Trusted: that every byte is handed to the judge, in order, once, and the digest of all
   earlier lines with the summary; that VALID is said only at the end of the file, after
   [finish] said [Go]. *)
open Judge

type verdict = Invalid of field | Malformed_line | Undecided

exception Verdict of verdict

let name = function
  | Abstention -> "abstain"
  | Label -> "label"
  | Lower -> "p_lower"
  | Upper -> "p_upper"
  | Radius -> "radius"
  | WorstSize -> "worst_size"
  | Accuracy -> "certified_accuracy"

let accepted = function
  | Go value -> value
  | False_claim field -> raise (Verdict (Invalid field))
  | Malformed -> raise (Verdict Malformed_line)
  | Unknown -> raise (Verdict Undecided)

let propose read line = try read line with Propose.Refused -> raise (Verdict Malformed_line)

(* The next line with its end; no more than a block beyond the limit is read. *)
let block = Bytes.create 65536
let rest = ref ""

let next_line source limit =
  let limit = Z.to_int limit in
  let line = Buffer.create 1024 in
  let rec more () =
    match String.index_opt !rest '\n' with
    | Some i ->
        Buffer.add_substring line !rest 0 (i + 1);
        rest := String.sub !rest (i + 1) (String.length !rest - i - 1)
    | None ->
        Buffer.add_string line !rest;
        rest := "";
        if Buffer.length line >= limit then raise (Verdict Malformed_line);
        let read = input source block 0 (Bytes.length block) in
        if read = 0 then raise (Verdict Malformed_line);
        rest := Bytes.sub_string block 0 read;
        more ()
  in
  more ();
  if Buffer.length line > limit then raise (Verdict Malformed_line);
  Buffer.contents line

let bytes line = List.init (String.length line) (fun i -> Z.of_int (Char.code line.[i]))

let judge source at =
  let digest = Sha256.init () in
  let next limit =
    incr at;
    next_line source limit
  in
  let line = next Limit.most_line in
  let setting = accepted (Judge.start (bytes line) (propose Propose.header line)) in
  Sha256.update_string digest line;
  let witness = Propose.witness setting in
  let state = ref Judge.initial in
  while Judge.expects_row setting !state do
    let line = next (Judge.longest setting !state) in
    let row = propose Propose.row line in
    state := accepted (Judge.take_row setting !state (bytes line) row (witness row));
    Sha256.update_string digest line
  done;
  let line = next (Judge.longest setting !state) in
  let earlier = bytes (Sha256.to_hex (Sha256.finalize digest)) in
  accepted (Judge.finish setting !state earlier (bytes line) (propose Propose.summary line));
  incr at;
  if !rest <> "" || input source block 0 1 > 0 then raise (Verdict Malformed_line)

let () =
  let at = ref 0 in
  let source =
    match Sys.argv with
    | [| _; "-" |] -> stdin
    | [| _; path |] -> open_in_bin path
    | _ ->
        prerr_endline "usage: bagcert_judge FILE, or - for standard input";
        exit 3
  in
  set_binary_mode_in source true;
  match judge source at with
  | () -> print_endline "VALID"
  | exception Verdict (Invalid field) ->
      Printf.printf "INVALID %d %s\n" !at (name field);
      exit 1
  | exception Verdict Malformed_line ->
      Printf.printf "MALFORMED %d\n" !at;
      exit 2
  | exception (Verdict Undecided | Stack_overflow | Out_of_memory) ->
      Printf.printf "UNDECIDED %d\n" !at;
      exit 3
