package ceremony_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestWholeCeremony(t *testing.T) {
	t.Parallel()
	x := newStage(electiontest.New(t, election.Sealed))
	x.refused(x.s.Finish(t.Context(), x.Team, x.ID), problem.Conflict, "")
	x.played()
	if v := x.state(); len(v.Rehearsal) != 0 || !v.Done(ceremony.StepRehearsal) || v.MayFinish() != nil {
		t.Errorf("before its end: %+v", v.Steps)
	}
	for _, b := range x.state().Steps[ceremony.StepRehearsal].Read().Boxes {
		if fmt.Sprint(b.Put) != "[[1 2 1 1]]" || fmt.Sprint(b.Found) != fmt.Sprint(b.Put) || !strings.HasSuffix(b.Name, "(répétition)") && b.Name == "" {
			t.Errorf("rehearsal: %+v", b)
		}
	}
	x.must(x.s.Finish(t.Context(), x.Team, x.ID))
	if e := x.Load(); e.Phase != election.Ready || e.ReadyAt == nil {
		t.Errorf("phase %s", e.Phase)
	}
	set := x.state().Steps[ceremony.StepSetUp].Read()
	if set.Program != program || len(set.Keys) != 3 || len(set.Boxes) != 2 {
		t.Errorf("evidence of the set-up: %+v", set)
	}
	// The midnight of that day in Paris, told by the database.
	midnight := electiontest.Value[int64](x.World, `SELECT extract(epoch FROM paris_today()::timestamp AT TIME ZONE 'Europe/Paris')::bigint`)
	for i, b := range x.Boxes() {
		if *b.Stamp != midnight || b.Codes != 6 || b.Ballots != 0 || b.NextHeight != 1 || set.Boxes[i].Head == "" {
			t.Errorf("box %+v, evidence %+v", b, set.Boxes[i])
		}
		x.toolAccepts(b)
	}
	if n := electiontest.Value[int](x.World, `SELECT (SELECT count(*) FROM election_codes) + (SELECT count(*) FROM partial_decryption)`); n != 0 {
		t.Errorf("%d rows are left of what waited", n)
	}
	// A code the authority made votes in the box of its structure.
	v := x.Voters[0]
	v.Code = x.codes[v.ID]
	e, err := belenios.ParseElection(x.Boxes()[0].Raw)
	x.must(err)
	ballot, err := e.CheckBallot(x.Ballot(v, 1))
	x.must(err)
	if electiontest.Value[int](x.World, `SELECT count(*) FROM public_credential WHERE credential = $1`, ballot.Credential) != 1 {
		t.Error("the code of a structure is not of its box")
	}
	// Nothing can be done again.
	x.refused(x.s.StartRehearsal(t.Context(), x.Team, x.ID), problem.Conflict, "")
	x.refused(x.designate(), problem.Conflict, "")
}

// toolAccepts has Debian's belenios-tool verify the archive of a box just set up.
func (x *stage) toolAccepts(b election.Box) {
	x.T.Helper()
	records, err := election.Records(x.T.Context(), x.DB, b.ID)
	x.must(err)
	var bel bytes.Buffer
	x.must(belenios.WriteArchive(&bel, *b.Stamp, records))
	dir := x.T.TempDir()
	x.must(os.WriteFile(filepath.Join(dir, b.UUID+".bel"), bel.Bytes(), 0o600))
	cmd := exec.CommandContext(x.T.Context(), "belenios-tool", "election", "verify")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		x.T.Errorf("belenios-tool refuses %s: %v\n%s", b.Name, err, out)
	}
}

func TestWhoMayHoldAKey(t *testing.T) {
	t.Parallel()
	x := newStage(electiontest.New(t, election.Sealed))
	outsider := x.Person("Sans", "Rôle", access.Structure, x.Voters[0].ID)
	for name, c := range map[string]struct {
		change func(l []ceremony.Designation, a *ceremony.Authority) []ceremony.Designation
		field  string
	}{
		"the same person twice": {func(l []ceremony.Designation, _ *ceremony.Authority) []ceremony.Designation {
			l[2].Person = l[0].Person
			return l
		}, "porteur_3"},
		"not a scrutineer": {func(l []ceremony.Designation, _ *ceremony.Authority) []ceremony.Designation {
			l[1].Person = outsider.Person
			return l
		}, "porteur_2"},
		"too few": {func(l []ceremony.Designation, _ *ceremony.Authority) []ceremony.Designation { return l[:2] }, ""},
		"no quality": {func(l []ceremony.Designation, _ *ceremony.Authority) []ceremony.Designation {
			l[0].Quality = ""
			return l
		}, "qualite_1"},
		"nobody keeps the envelope": {func(l []ceremony.Designation, _ *ceremony.Authority) []ceremony.Designation {
			l[2].Escrow = ""
			return l
		}, "enveloppe_3"},
		"the authority holds a key": {func(l []ceremony.Designation, a *ceremony.Authority) []ceremony.Designation {
			a.Email = x.Keepers[1].Email
			return l
		}, "autorite_courriel"},
		"the authority has the name of a key holder": {func(l []ceremony.Designation, a *ceremony.Authority) []ceremony.Designation {
			a.Name = strings.ToUpper(x.Keepers[2].Name)
			return l
		}, "autorite_courriel"},
		"the authority is of the team": {func(l []ceremony.Designation, a *ceremony.Authority) []ceremony.Designation {
			a.Email = x.Team.Email
			return l
		}, "autorite_courriel"},
		"no address": {func(l []ceremony.Designation, a *ceremony.Authority) []ceremony.Designation {
			a.Email = "nulle part"
			return l
		}, "autorite_courriel"},
	} {
		a := authority
		list := c.change(x.three(), &a)
		t.Log(name)
		x.refused(x.s.Designate(t.Context(), x.Team, x.ID, x.state().Seen(), list, a), problem.Invalid, c.field)
	}
	x.within(func(y *stage) { // two of the team
		for _, k := range y.Keepers[:2] {
			y.Exec(`INSERT INTO role_grant (account_id, role) VALUES ($1, 'team')`, k.Account)
		}
		y.refused(y.designate(), problem.Invalid, "porteur_2")
		y.Exec(`UPDATE role_grant SET ended_at = now() WHERE account_id = $1 AND role = 'team'`, y.Keepers[1].Account)
		y.must(y.designate())
	})
	for _, by := range []access.Actor{x.Keepers[0], x.Voters[0].Member, x.Chair, {}} {
		if err := x.s.Designate(t.Context(), by, x.ID, x.state().Seen(), x.three(), authority); problem.KindOf(err) != problem.NotFound {
			t.Errorf("%s names the key holders: %v", by.Role(), err)
		}
	}
	seen := x.state().Seen()
	x.must(x.designate())
	x.refused(x.s.Designate(t.Context(), x.Team2, x.ID, seen, x.three(), authority), problem.Conflict, "")
}

func TestKeys(t *testing.T) {
	t.Parallel()
	x := newStage(electiontest.New(t, election.Sealed))
	x.must(x.designate())
	private, good, err := belenios.NewTrustee()
	x.must(err)
	other := good
	other.PublicKey = belenios.Number{Int: *big.NewInt(4)} // no element of the group, nor of the proof
	forged, _ := json.Marshal(other)
	_, second, err := belenios.NewTrustee()
	x.must(err)
	second.PoK = good.PoK // somebody else's proof
	for name, raw := range map[string]string{
		"nothing": " ", "no JSON": "abc", "another group": string(forged), "the proof of another key": string(second.Raw()),
		"the private key": fmt.Sprintf("%q", private.X.String()), "too long": strings.Repeat("1", 100_000), "deep": strings.Repeat("[", 3000),
	} {
		t.Log(name)
		_, err := x.s.GiveKey(t.Context(), x.Keepers[0], x.ID, "", raw)
		x.refused(err, problem.Invalid, "cle_publique")
	}
	print, err := x.s.GiveKey(t.Context(), x.Keepers[0], x.ID, "", string(good.Raw())+"\n")
	x.must(err)
	if h, _ := x.state().Of(x.Keepers[0]); h.Fingerprint() != print || len(print) < 12 || h.KeyText() != good.PublicKey.String() {
		t.Errorf("fingerprint %q, kept %+v", print, h)
	}
	_, err = x.s.GiveKey(t.Context(), x.Keepers[1], x.ID, "", string(good.Raw()))
	x.refused(err, problem.Invalid, "cle_publique") // the key of another holder
	_, err = x.s.GiveKey(t.Context(), x.Keepers[0], x.ID, "", string(good.Raw()))
	x.refused(err, problem.Conflict, "") // another page gave it meanwhile
	for _, by := range []access.Actor{x.Team, x.Voters[0].Member} {
		if _, err = x.s.GiveKey(t.Context(), by, x.ID, "", string(good.Raw())); problem.KindOf(err) != problem.NotFound {
			t.Errorf("%s gives a key: %v", by.Role(), err)
		}
	}
	spare := x.Person("Quatre", "Exemple", access.Scrutineer, 0)
	if _, err = x.s.GiveKey(t.Context(), spare, x.ID, "", string(good.Raw())); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a scrutineer without a key gives one: %v", err)
	}
	// Who is named again keeps their key; who takes the place of another has none.
	x.Exec(`INSERT INTO role_grant (account_id, role) VALUES ($1, 'scrutineer')`, spare.Account)
	list := x.three()
	list[0], list[1], list[2].Person = list[1], list[0], spare.Person
	x.must(x.s.Designate(t.Context(), x.Team, x.ID, x.state().Seen(), list, authority))
	if v := x.state(); v.Holders[1].Fingerprint() != print || len(v.Keyless()) != 2 {
		t.Errorf("keys after a change of holders: %+v", v.Holders)
	}
	// Nothing private is anywhere in the journal.
	if electiontest.Value[bool](x.World, `SELECT EXISTS (SELECT FROM audit_entry WHERE coalesce(after::text, '') || coalesce(before::text, '') LIKE '%' || $1 || '%')`, private.X.String()) {
		t.Error("the journal holds a private key")
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	x := newStage(electiontest.New(t, election.Sealed))
	_, lines, err := x.s.ExportRoll(t.Context(), x.Team, x.ID)
	x.must(err)
	if len(lines) != 12 || lines[0].Email == "" || lines[0].College == lines[11].College {
		t.Errorf("roll for the authority: %+v", lines)
	}
	if _, _, err := x.s.ExportRoll(t.Context(), x.Keepers[0], x.ID); problem.KindOf(err) != problem.NotFound {
		t.Errorf("a key holder takes the roll with its addresses: %v", err)
	}
	if n := electiontest.Value[int](x.World, `SELECT count(*) FROM audit_entry WHERE action = 'election.codes'`); n != 1 {
		t.Errorf("%d entries of the journal tell of the roll that left", n)
	}
	boxes := x.state().Boxes
	field := fmt.Sprintf("liste_%d", boxes[0].ID)
	good := x.public(lines, boxes[0].UUID)
	_, err = x.s.GiveCodes(t.Context(), x.Team, x.ID, boxes[0].ID, good)
	x.refused(err, problem.Invalid, field) // nobody was named to make them
	x.must(x.designate())
	var all []string
	x.must(json.Unmarshal([]byte(good), &all))
	text := func(list ...string) string { b, _ := json.Marshal(list); return string(b) }
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	for name, raw := range map[string]string{
		"nothing": "", "no JSON": "{", "one too few": text(all[1:]...), "one twice": text(append(slices.Clone(all[:5]), all[4])...),
		"not sorted": text(backwards...), "private codes": text(x.codes[lines[0].Structure]), "of another group": text("4", "5", "6", "7", "8", "9"),
		"too big": "[" + strings.Repeat("1,", 1<<20) + "1]",
	} {
		t.Log(name)
		_, err := x.s.GiveCodes(t.Context(), x.Team, x.ID, boxes[0].ID, raw)
		x.refused(err, problem.Invalid, field)
	}
	n, err := x.s.GiveCodes(t.Context(), x.Team, x.ID, boxes[0].ID, good)
	x.must(err)
	if n != 6 || x.state().Boxes[0].Codes != 6 {
		t.Errorf("%d codes, kept %d", n, x.state().Boxes[0].Codes)
	}
	_, err = x.s.GiveCodes(t.Context(), x.Team, x.ID, boxes[1].ID, good)
	x.refused(err, problem.Invalid, fmt.Sprintf("liste_%d", boxes[1].ID)) // the other box has them
	// A lost code: all are made anew, until the boxes are set up.
	_, err = x.s.GiveCodes(t.Context(), x.Team, x.ID, boxes[0].ID, x.public(lines, boxes[0].UUID))
	x.must(err)
	if _, err := x.s.GiveCodes(t.Context(), x.Team, x.ID, 999_999, good); problem.KindOf(err) != problem.NotFound {
		t.Errorf("codes of no box: %v", err)
	}
}

func TestRehearsalProvesTheKeys(t *testing.T) {
	t.Parallel()
	x := newStage(electiontest.New(t, election.Sealed))
	x.must(x.designate())
	x.key(0)
	x.key(1)
	x.refused(x.s.StartRehearsal(t.Context(), x.Team, x.ID), problem.Conflict, "") // a key is missing
	x.key(2)
	x.must(x.s.StartRehearsal(t.Context(), x.Team, x.ID))
	x.refused(x.s.StartRehearsal(t.Context(), x.Team, x.ID), problem.Conflict, "")
	boxes := x.state().Rehearsal
	if real := x.state().Boxes; len(boxes) != 2 || boxes[0].UUID == real[0].UUID || real[0].Raw != nil {
		t.Errorf("boxes of the rehearsal: %+v", boxes)
	}
	wrong := x.partials(0, x.keys[1])
	field := fmt.Sprintf("ouverture_%d", boxes[0].ID)
	_, err := x.s.Open(t.Context(), x.Keepers[0], x.ID, wrong)
	x.refused(err, problem.Invalid, field) // the file of another key
	_, err = x.s.Open(t.Context(), x.Keepers[0], x.ID, nil)
	x.refused(err, problem.Invalid, field)
	_, err = x.s.Open(t.Context(), x.Keepers[0], x.ID, x.partials(0, x.keys[0]))
	x.must(err)
	_, err = x.s.Open(t.Context(), x.Keepers[0], x.ID, x.partials(0, x.keys[0]))
	x.refused(err, problem.Conflict, "") // twice
	if v := x.state(); !v.HasOpened(1) || len(v.Unopened()) != 2 {
		t.Errorf("who opened: %+v", v.Unopened())
	}
	x.giveCodes()
	_, err = x.s.SetUp(t.Context(), x.Team, x.ID, program)
	x.refused(err, problem.Conflict, "") // it is not over
	// A new key makes the rehearsal void: it was about another one.
	x.key(1)
	if v := x.state(); len(v.Rehearsal) != 0 || v.Done(ceremony.StepRehearsal) {
		t.Errorf("the rehearsal outlives the key: %+v", v.Rehearsal)
	}
	_, err = x.s.SetUp(t.Context(), x.Team, x.ID, program)
	x.refused(err, problem.Conflict, "")
	x.must(x.s.StartRehearsal(t.Context(), x.Team, x.ID))
	x.must(x.s.AbandonRehearsal(t.Context(), x.Team, x.ID))
	if n := electiontest.Value[int](x.World, `SELECT count(*) FROM board_record`); n != 0 {
		t.Errorf("%d records are left of the rehearsals", n)
	}
	// The boxes and their files are for key holders.
	if _, _, err := x.s.RehearsalFile(t.Context(), x.Team, x.ID, boxes[0].ID); problem.KindOf(err) != problem.NotFound {
		t.Errorf("the team reads the sum: %v", err)
	}
}

func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	x := newStage(electiontest.OnPool(t, election.Sealed, 4))
	x.must(x.designate())
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs { // two pages of each holder
		_, key, err := belenios.NewTrustee()
		x.must(err)
		wg.Go(func() {
			_, errs[i] = x.s.GiveKey(t.Context(), x.Keepers[i/2], x.ID, "", string(key.Raw()))
		})
	}
	wg.Wait()
	for i := 0; i < len(errs); i += 2 {
		if (errs[i] == nil) == (errs[i+1] == nil) || problem.KindOf(errs[i]) != problem.Conflict && problem.KindOf(errs[i+1]) != problem.Conflict {
			t.Errorf("two keys of one holder at once: %v, %v", errs[i], errs[i+1])
		}
	}
	if len(x.state().Keyless()) != 0 {
		t.Errorf("keys missing: %+v", x.state().Keyless())
	}
	for i := range x.Keepers {
		x.key(i)
	}
	x.giveCodes()
	x.rehearse()
	for i := range 2 {
		wg.Go(func() { _, errs[i] = x.s.SetUp(t.Context(), []access.Actor{x.Team, x.Team2}[i], x.ID, program) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("two set-ups at once: %v, %v", errs[0], errs[1])
	}
	if n := electiontest.Value[int](x.World, `SELECT count(*) FROM board_record WHERE kind = 'event'`); n != 2 {
		t.Errorf("%d events in two boxes just set up", n)
	}
	x.must(x.s.ShowEmpty(t.Context(), x.Team, x.ID))
	x.refused(x.s.Sign(t.Context(), x.Keepers[0], x.ID, "autre"), problem.Conflict, "")
	x.refused(x.s.Finish(t.Context(), x.Team, x.ID), problem.Conflict, "")
}
