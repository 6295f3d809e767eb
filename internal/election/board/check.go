package board

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Checked is what Check went through.
type Checked struct {
	Boxes   int
	Ballots int
}

// checker is who reads everything for `portal verify`.
var checker = access.System("Vérification")

// Check verifies every archive whole, and that what the tables say of it is what it
// says: head, published heads, index of ballots, number of those who voted, candidates,
// keys, codes, result (election.md, §7.6, 1 and 2). It returns a
// *governance.BrokenInvariant for the first bad row. Votes may go on meanwhile.
func (s *Service) Check(ctx context.Context) (Checked, error) {
	var done Checked
	type row struct {
		ID       election.BoxID
		Election election.ID `db:"election_id"`
	}
	// Once destroyed, an election has no records; a rehearsal is not an archive.
	boxes, err := postgres.List[row](ctx, s.db, `
		SELECT b.id, b.election_id FROM ballot_box b JOIN election e ON e.id = b.election_id
		WHERE NOT b.rehearsal AND b.next_height > 0 AND e.phase <> 'destroyed' ORDER BY b.id`)
	if err != nil {
		return done, postgres.Wrap(err, "list boxes")
	}
	for _, b := range boxes { // one archive in memory at a time
		n, err := s.checkBox(ctx, b.Election, b.ID)
		if err != nil {
			return done, err
		}
		done.Boxes++
		done.Ballots += n
	}
	return done, nil
}

// moment is what the tables say of a box, read in one statement: a vote that enters
// after it changes nothing of what is compared.
type moment struct {
	Counted    bool // the result is said to be known
	NextHeight int
	NextSeq    int
	Head       []byte
	Ballots    int
	Registered int
	Voted      int
	Strangers  int   // on the frozen roll and not on the list of who voted, or the reverse
	Votes      []int // by place on the ballot
	Now        time.Time
}

const momentQuery = `
	SELECT e.phase IN ('counted', 'proclaimed', 'archived') AS counted, b.next_height, b.next_seq, b.head, b.ballots,
	       (SELECT count(*)::int FROM emargement m WHERE m.box_id = b.id) AS registered,
	       (SELECT count(*)::int FROM emargement m WHERE m.box_id = b.id AND m.voted) AS voted,
	       (SELECT count(*)::int FROM (SELECT structure_id FROM emargement WHERE box_id = b.id) m
	        FULL JOIN (SELECT structure_id FROM election_roll WHERE election_id = b.election_id AND (b.college IS NULL OR college = b.college)) r USING (structure_id)
	        WHERE m IS NULL OR r IS NULL) AS strangers,
	       ARRAY(SELECT r.votes FROM candidacy c JOIN candidacy_result r ON r.candidacy_id = c.id
	             WHERE c.election_id = b.election_id AND (b.college IS NULL OR c.college = b.college) ORDER BY c.college, c.place) AS votes,
	       clock_timestamp() AS now
	FROM ballot_box b JOIN election e ON e.id = b.election_id WHERE b.id = $1`

// found is a box at a moment, and what its archive says.
type found struct {
	election election.Election
	box      election.Box
	tables   moment
	records  []belenios.Record
	report   *belenios.Report
}

func (f found) broken(rule, detail string, args ...any) error {
	return &governance.BrokenInvariant{Rule: rule, Detail: fmt.Sprintf("urne %d, ", f.box.ID) + fmt.Sprintf(detail, args...)}
}

func (s *Service) checkBox(ctx context.Context, id election.ID, box election.BoxID) (int, error) {
	var f found
	var err error
	if f.election, err = election.Load(ctx, s.db, checker, id); err != nil {
		return 0, err
	}
	if f.box, err = election.LoadBox(ctx, s.db, id, box); err != nil {
		return 0, err
	}
	if f.tables, err = postgres.One[moment](ctx, s.db, momentQuery, box); err != nil {
		return 0, postgres.Wrap(err, "box %d as it is", box)
	}
	if f.records, err = recordsOf(ctx, s.db, box, 0, f.tables.NextSeq); err != nil {
		return 0, err
	}
	if f.report, err = belenios.VerifyRecords(ctx, f.records); err != nil {
		if ctx.Err() != nil {
			return 0, err
		}
		return 0, f.broken("L’archive de chaque urne se vérifie", "%v", err)
	}
	for _, check := range []func() error{f.checkHead, f.checkSetup, f.checkVoters, f.checkResult,
		func() error { return s.checkHeads(ctx, f) }, func() error { return s.checkIndex(ctx, f) },
		func() error { return s.checkLists(ctx, f) }} {
		if err := check(); err != nil {
			return 0, err
		}
	}
	return f.report.Posted, nil
}

// checkHead: the box continues its archive where it ends.
func (f found) checkHead() error {
	heads := f.report.Heads
	if len(heads) != f.tables.NextHeight || !bytes.Equal(heads[len(heads)-1][:], f.tables.Head) {
		return f.broken("L’empreinte d’une urne est celle de son archive", "événement %d", f.tables.NextHeight-1)
	}
	if f.report.Posted != f.tables.Ballots {
		return f.broken("Une urne compte les bulletins de son archive", "%d au lieu de %d", f.tables.Ballots, f.report.Posted)
	}
	return nil
}

// checkSetup: what is served to those who vote is what the archive begins with.
func (f found) checkSetup() error {
	if f.report.Election.UUID != f.box.UUID || !bytes.Equal(f.report.Election.Raw, f.box.Raw) {
		return f.broken("Le bulletin servi est celui de l’archive", "élection %d", f.election.ID)
	}
	return nil
}

// checkVoters: as many structures voted as there are credentials with a ballot, and
// they are those of the roll that was sealed.
func (f found) checkVoters() error {
	if f.tables.Voted != f.report.Ballots {
		return f.broken("Autant d’émargements que de bulletins", "%d émargements, %d bulletins", f.tables.Voted, f.report.Ballots)
	}
	if f.tables.Strangers != 0 {
		return f.broken("La liste d’émargement est la liste électorale arrêtée", "%d lignes sans leur pareille", f.tables.Strangers)
	}
	if f.report.Credentials != f.tables.Registered {
		return f.broken("Autant de codes que de structures inscrites", "%d codes, %d structures", f.report.Credentials, f.tables.Registered)
	}
	return nil
}

// checkResult: the votes of each candidate are those of the archive, and there are none
// before it has a result.
func (f found) checkResult() error {
	var want []int
	for _, counts := range f.report.Counts {
		want = append(want, counts[1:]...) // the first cell is the blank vote
	}
	if (f.tables.Counted && f.report.Counts == nil) || !slices.Equal(f.tables.Votes, want) {
		return f.broken("Le résultat est celui de l’archive", "%v au lieu de %v", f.tables.Votes, want)
	}
	return nil
}

// checkHeads: every head that was published is still on the chain.
func (s *Service) checkHeads(ctx context.Context, f found) error {
	list, err := postgres.List[Publication](ctx, s.db, `
		SELECT box_id, published_at, height, head, ballots FROM head_publication WHERE box_id = $1 AND published_at <= $2 ORDER BY published_at`, f.box.ID, f.tables.Now)
	if err != nil {
		return postgres.Wrap(err, "published heads of box %d", f.box.ID)
	}
	heads, index := f.report.Heads, ballotsOf(f.records)
	for _, p := range list {
		ballots := 0
		for ballots < len(index) && index[ballots].Height <= p.Height {
			ballots++
		}
		if p.Height < 0 || p.Height >= len(heads) || !bytes.Equal(heads[p.Height][:], p.Head) || p.Ballots != ballots {
			return f.broken("Chaque empreinte publiée est dans l’archive", "celle du %s, événement %d", p.At.UTC().Format("2006-01-02 15:04"), p.Height)
		}
	}
	return nil
}

// indexed is a row of ballot_index.
type indexed struct {
	Height     int
	Credential string
	Tracker    string
}

// checkIndex: the index says of each ballot what the archive says.
func (s *Service) checkIndex(ctx context.Context, f found) error {
	list, err := postgres.List[indexed](ctx, s.db, `
		SELECT height, credential, tracker FROM ballot_index WHERE box_id = $1 AND height < $2 ORDER BY height`, f.box.ID, f.tables.NextHeight)
	if err != nil {
		return postgres.Wrap(err, "index of box %d", f.box.ID)
	}
	want := ballotsOf(f.records)
	for i := range max(len(list), len(want)) {
		if i >= len(list) || i >= len(want) || list[i] != want[i] {
			return f.broken("L’index des bulletins est celui de l’archive", "ligne %d", i+1)
		}
	}
	return nil
}

// ballotsOf returns the ballots of a verified archive as the index has them.
func ballotsOf(records []belenios.Record) []indexed {
	var out []indexed
	height := -1
	for i, r := range records {
		if r.Kind != belenios.EventRecord {
			continue
		}
		height++
		if isBallot(records, i) {
			hash := records[i-1].Hash()
			out = append(out, indexed{Height: height, Credential: credentialOf(records[i-1].Body), Tracker: base64.RawStdEncoding.EncodeToString(hash[:])})
		}
	}
	return out
}

// isBallot tells whether the record is the event of a ballot, which is the record
// before it.
func isBallot(records []belenios.Record, i int) bool {
	return i > 0 && records[i].Kind == belenios.EventRecord && bytes.Contains(records[i].Body, []byte(`"type":"Ballot"`))
}

// credentialOf is the credential of a ballot whose form was verified.
func credentialOf(ballot []byte) string {
	_, rest, _ := bytes.Cut(ballot, []byte(`"credential":"`))
	credential, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(credential)
}

// publicCredentials is the place in an archive of the list of codes.
const publicCredentials = 2

// checkLists: the candidates, the keys and the codes of the archive are those that were
// sealed.
func (s *Service) checkLists(ctx context.Context, f found) error {
	candidates, err := election.Candidates(ctx, s.db, f.election.ID)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(election.Questions(f.election, f.box, candidates), f.report.Election.Questions) {
		return f.broken("Le bulletin porte les candidatures arrêtées", "élection %d", f.election.ID)
	}
	keys, err := postgres.Values[string](ctx, s.db, `SELECT public_key FROM election_trustee WHERE election_id = $1 ORDER BY owner`, f.election.ID)
	if err != nil {
		return postgres.Wrap(err, "keys of election %d", f.election.ID)
	}
	same := len(keys) == len(f.report.Trustees)
	for i := 0; same && i < len(keys); i++ {
		t, err := belenios.ParseTrustee([]byte(keys[i]))
		same = err == nil && bytes.Equal(t.Raw(), f.report.Trustees[i].Raw())
	}
	if !same {
		return f.broken("Les clés de l’archive sont celles des porteurs", "élection %d", f.election.ID)
	}
	codes, err := postgres.Values[string](ctx, s.db, `SELECT credential FROM public_credential WHERE box_id = $1`, f.box.ID)
	if err != nil {
		return postgres.Wrap(err, "codes of box %d", f.box.ID)
	}
	want, err := belenios.ParseCredentials(f.records[publicCredentials].Body)
	if err != nil {
		return err
	}
	slices.Sort(codes)
	slices.Sort(want)
	if !slices.Equal(codes, want) {
		return f.broken("Les codes publics sont ceux de l’archive", "%d codes au lieu de %d", len(codes), len(want))
	}
	return nil
}
