package board

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"

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
// result (election.md, §7.6, 1 and 2). It returns a *governance.BrokenInvariant for the
// first bad row.
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

func broken(b election.Box, rule, detail string, args ...any) error {
	return &governance.BrokenInvariant{Rule: rule, Detail: fmt.Sprintf("urne %d, ", b.ID) + fmt.Sprintf(detail, args...)}
}

func (s *Service) checkBox(ctx context.Context, id election.ID, box election.BoxID) (int, error) {
	e, err := election.Load(ctx, s.db, checker, id)
	if err != nil {
		return 0, err
	}
	b, err := election.LoadBox(ctx, s.db, id, box)
	if err != nil {
		return 0, err
	}
	records, err := election.Records(ctx, s.db, box)
	if err != nil {
		return 0, err
	}
	report, err := belenios.VerifyRecords(ctx, records)
	if err != nil {
		return 0, broken(b, "L’archive de chaque urne se vérifie", "%v", err)
	}
	if len(report.Heads) != b.NextHeight || !bytes.Equal(report.Heads[len(report.Heads)-1][:], b.Head) {
		return 0, broken(b, "L’empreinte d’une urne est celle de son archive", "événement %d", b.NextHeight-1)
	}
	for _, check := range []func(context.Context, election.Election, election.Box, *belenios.Report, []belenios.Record) error{
		s.checkHeads, s.checkIndex, s.checkVoters, s.checkCandidates, s.checkResult} {
		if err := check(ctx, e, b, report, records); err != nil {
			return 0, err
		}
	}
	return b.Ballots, nil
}

// checkHeads: every head that was published is still on the chain.
func (s *Service) checkHeads(ctx context.Context, _ election.Election, b election.Box, report *belenios.Report, _ []belenios.Record) error {
	list, err := postgres.List[Publication](ctx, s.db, `SELECT box_id, published_at, height, head, ballots FROM head_publication WHERE box_id = $1 ORDER BY published_at`, b.ID)
	if err != nil {
		return postgres.Wrap(err, "published heads of box %d", b.ID)
	}
	for _, p := range list {
		if p.Height >= len(report.Heads) || !bytes.Equal(report.Heads[p.Height][:], p.Head) {
			return broken(b, "Chaque empreinte publiée est dans l’archive", "celle du %s, événement %d", p.At.UTC().Format("2006-01-02 15:04"), p.Height)
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
func (s *Service) checkIndex(ctx context.Context, _ election.Election, b election.Box, _ *belenios.Report, records []belenios.Record) error {
	list, err := postgres.List[indexed](ctx, s.db, `SELECT height, credential, tracker FROM ballot_index WHERE box_id = $1 ORDER BY height`, b.ID)
	if err != nil {
		return postgres.Wrap(err, "index of box %d", b.ID)
	}
	want := ballotsOf(records)
	for i := range max(len(list), len(want)) {
		if i >= len(list) || i >= len(want) || list[i] != want[i] {
			return broken(b, "L’index des bulletins est celui de l’archive", "ligne %d", i+1)
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
		if i == 0 || !bytes.Contains(r.Body, []byte(`"type":"Ballot"`)) {
			continue
		}
		hash := records[i-1].Hash()
		out = append(out, indexed{Height: height, Credential: credentialOf(records[i-1].Body), Tracker: base64.RawStdEncoding.EncodeToString(hash[:])})
	}
	return out
}

// credentialOf is the credential of a ballot whose form was verified.
func credentialOf(ballot []byte) string {
	_, rest, _ := bytes.Cut(ballot, []byte(`"credential":"`))
	credential, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(credential)
}

// checkVoters: as many structures voted as there are credentials with a ballot.
func (s *Service) checkVoters(ctx context.Context, _ election.Election, b election.Box, report *belenios.Report, _ []belenios.Record) error {
	voted, err := postgres.Value[int](ctx, s.db, `SELECT count(*) FILTER (WHERE voted)::int FROM emargement WHERE box_id = $1`, b.ID)
	if err != nil {
		return postgres.Wrap(err, "voters of box %d", b.ID)
	}
	if voted != report.Ballots {
		return broken(b, "Autant d’émargements que de bulletins", "%d émargements, %d bulletins", voted, report.Ballots)
	}
	return nil
}

// checkCandidates: the questions of the archive are the candidates that were sealed.
func (s *Service) checkCandidates(ctx context.Context, e election.Election, b election.Box, report *belenios.Report, _ []belenios.Record) error {
	candidates, err := election.Candidates(ctx, s.db, e.ID)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(election.Questions(e, b, candidates), report.Election.Questions) {
		return broken(b, "Le bulletin porte les candidatures arrêtées", "élection %d", e.ID)
	}
	return nil
}

// checkResult: the votes of each candidate are those of the archive.
func (s *Service) checkResult(ctx context.Context, e election.Election, b election.Box, report *belenios.Report, _ []belenios.Record) error {
	if report.Counts == nil {
		return nil
	}
	type line struct {
		College governance.College
		Place   int
		Votes   int
	}
	list, err := postgres.List[line](ctx, s.db, `
		SELECT c.college, c.place, r.votes FROM candidacy c JOIN candidacy_result r ON r.candidacy_id = c.id
		WHERE c.election_id = $1 AND ($2::text IS NULL OR c.college = $2) ORDER BY c.college, c.place`, e.ID, b.College)
	if err != nil {
		return postgres.Wrap(err, "result of box %d", b.ID)
	}
	var votes, want []int
	for _, l := range list {
		votes = append(votes, l.Votes)
	}
	for _, counts := range report.Counts {
		want = append(want, counts[1:]...) // the first cell is the blank vote
	}
	if !slices.Equal(votes, want) {
		return broken(b, "Le résultat est celui de l’archive", "%v au lieu de %v", votes, want)
	}
	return nil
}
