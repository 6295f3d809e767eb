package election

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Mine is what an election has to do with who reads: for the structure acted for, its
// place on the roll, its candidacy and whether it voted; for a key holder, the key.
type Mine struct {
	OnRoll    bool               `json:"on_roll"`
	College   governance.College `json:"college"`
	Candidacy string             `json:"candidacy"` // its state, "" for none
	Voted     bool               `json:"voted"`
	Owner     int                `json:"owner"` // 0: holds no key
	Key       bool               `json:"key"`   // public key in
	Partials  int                `json:"partials"`
	Acts      int                `json:"acts"` // that wait for this person
}

// Card is an election as a line of a list or of a home page.
type Card struct {
	Election Election
	Facts    Facts
	Mine     Mine
}

// Step is the next step of the election.
func (c Card) Step() Step { return NextStep(c.Election, c.Facts) }

// cardRow is what cardSQL reads.
type cardRow struct {
	row
	Facts Facts
	Mine  Mine
}

// cardSQL reads elections with their facts, and what they have to do with organisation
// $1 and person $2. No count of votes: turnout is what the board publishes.
const cardSQL = `SELECT ` + electionColumns + `,
	json_build_object(
		'on_roll', (SELECT count(*) FROM election_roll r WHERE r.election_id = e.id),
		'claims', (SELECT count(*) FROM election_claim k WHERE k.election_id = e.id AND k.state = 'open'),
		'to_examine', (SELECT count(*) FROM candidacy c WHERE c.election_id = e.id AND c.state = 'submitted'),
		'accepted', (SELECT count(*) FROM candidacy c WHERE c.election_id = e.id AND c.state = 'accepted' AND NOT c.withdrawn_late),
		'trustees', (SELECT count(*) FROM election_trustee t WHERE t.election_id = e.id),
		'keys', (SELECT count(*) FROM election_trustee t WHERE t.election_id = e.id AND t.public_key <> ''),
		'boxes', (SELECT count(*) FROM ballot_box b WHERE b.election_id = e.id AND NOT b.rehearsal),
		'coded', (SELECT count(*) FROM ballot_box b WHERE b.election_id = e.id AND NOT b.rehearsal AND EXISTS (SELECT FROM public_credential d WHERE d.box_id = b.id)),
		'count_decided', EXISTS (SELECT FROM election_act a WHERE a.election_id = e.id AND a.act = 'count' AND a.confirmed_at IS NOT NULL),
		'partials', (SELECT count(*) FROM partial_decryption d JOIN ballot_box b ON b.id = d.box_id WHERE b.election_id = e.id AND NOT b.rehearsal),
		'minutes', EXISTS (SELECT FROM election_pv v WHERE v.election_id = e.id),
		'followed', (SELECT max(f.id) FROM election f WHERE f.complements = e.id AND f.phase <> 'cancelled'),
		'waiting', (SELECT count(*) FROM election_act a WHERE a.election_id = e.id AND a.confirmed_at IS NULL AND a.withdrawn_at IS NULL)) AS facts,
	json_build_object(
		'on_roll', EXISTS (SELECT FROM election_roll r WHERE r.election_id = e.id AND r.structure_id = $1),
		'college', (SELECT r.college FROM election_roll r WHERE r.election_id = e.id AND r.structure_id = $1),
		'candidacy', (SELECT c.state FROM candidacy c WHERE c.election_id = e.id AND c.structure_id = $1 ORDER BY c.state = 'withdrawn', c.id DESC LIMIT 1),
		'voted', EXISTS (SELECT FROM emargement m JOIN ballot_box b ON b.id = m.box_id WHERE b.election_id = e.id AND NOT b.rehearsal AND m.structure_id = $1 AND m.voted),
		'owner', (SELECT t.owner FROM election_trustee t WHERE t.election_id = e.id AND t.person_id = $2),
		'key', EXISTS (SELECT FROM election_trustee t WHERE t.election_id = e.id AND t.person_id = $2 AND t.public_key <> ''),
		'partials', (SELECT count(*) FROM partial_decryption d JOIN ballot_box b ON b.id = d.box_id JOIN election_trustee t ON t.election_id = b.election_id AND t.owner = d.owner
		             WHERE b.election_id = e.id AND NOT b.rehearsal AND t.person_id = $2),
		'acts', (SELECT count(*) FROM election_act a WHERE a.election_id = e.id AND a.confirmed_at IS NULL AND a.withdrawn_at IS NULL AND a.proposed_by <> $2)) AS mine
	FROM election e`

func (r cardRow) card() (Card, error) {
	e, err := r.election()
	return Card{Election: e, Facts: r.Facts, Mine: r.Mine}, err
}

func cardsOf(rows []cardRow) ([]Card, error) {
	out := make([]Card, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.card(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Cards are the elections in course, for a home page: see AddCards.
type Cards struct {
	rows []cardRow
}

// AddCards asks for the elections in course, drafts only for who prepares them, within the batch
// of a home page of who acts.
func AddCards(b *postgres.Batch, dst *Cards, by access.Actor) {
	postgres.AddList(b, &dst.rows, cardSQL+`
		WHERE e.phase NOT IN ('destroyed', 'cancelled') AND (e.phase <> 'draft' OR $3)
		  AND (e.phase <> 'archived' OR $3 AND e.contest_until + make_interval(days => (e.rules::jsonb ->> 'retention_days')::int) <= now())
		ORDER BY e.id DESC LIMIT 10`, by.Acting.Organisation, by.Person, Election{Phase: Draft}.Sees(by))
}

// All returns the elections, the latest first.
func (c Cards) All() ([]Card, error) { return cardsOf(c.rows) }

// List is a page of elections.
type List struct {
	Cards  []Card
	Paging postgres.Paging
	// TermEnds is the first day on which a seat of representative comes to its term;
	// zero when none is held.
	TermEnds day.Day
}

// List returns the elections that the actor may know of, those in course first.
func (s *Service) List(ctx context.Context, by access.Actor, pageNumber int) (List, error) {
	var (
		l     List
		rows  []cardRow
		total int
		b     postgres.Batch
		draft = Election{Phase: Draft}.Sees(by)
	)
	postgres.AddList(&b, &rows, cardSQL+`
		WHERE e.phase <> 'draft' OR $3
		ORDER BY e.phase IN ('proclaimed', 'archived', 'destroyed', 'cancelled'), e.id DESC LIMIT $4 OFFSET $5`,
		by.Acting.Organisation, by.Person, draft, postgres.Limit(pageNumber), postgres.Offset(pageNumber))
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM election WHERE phase <> 'draft' OR $1`, draft)
	postgres.AddValue(&b, &l.TermEnds, `
		SELECT min(m.term_ends_on) FROM seat s JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()
		WHERE s.kind = 'gni_representative' AND s.during @> paris_today()`)
	if err := b.Run(ctx, s.db); err != nil {
		return l, postgres.Wrap(err, "list elections")
	}
	var err error
	l.Cards, err = cardsOf(rows)
	l.Paging = postgres.PagingOf(pageNumber, total)
	return l, err
}

// Page is an election with all that its pages of the organiser show.
type Page struct {
	Card
	// Acts are those of two people, the latest first. Whoever is not of the board reads
	// the confirmed ones, without names.
	Acts      []Act
	Incidents []Incident // the latest first, 200 at most
	Risk      *Risk      // nil until the grid is filled, and for whoever is not of the board
}

// Show returns an election that the actor may know of. One read open after its hour is
// closed first.
func (s *Service) Show(ctx context.Context, by access.Actor, id ID) (Page, error) {
	p, err := s.show(ctx, by, id)
	if err != nil || !p.Election.Due() {
		return p, err
	}
	if _, err := CloseIfDue(ctx, s.db, s.outbox, s.baseURL, p.Election); err != nil {
		return p, err
	}
	return s.show(ctx, by, id)
}

func (s *Service) show(ctx context.Context, by access.Actor, id ID) (Page, error) {
	var (
		p     Page
		rows  []cardRow
		acts  []actRow
		risks [][]byte
		b     postgres.Batch
	)
	postgres.AddList(&b, &rows, cardSQL+` WHERE e.id = $3`, by.Acting.Organisation, by.Person, id)
	postgres.AddList(&b, &acts, actSQL+` ORDER BY a.id DESC LIMIT 100`, id)
	postgres.AddList(&b, &p.Incidents, incidentSQL+` ORDER BY at DESC, id DESC LIMIT 200`, id)
	postgres.AddValue(&b, &risks, `SELECT array_remove(array_agg(risk::text::bytea), NULL) FROM election WHERE id = $1`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return p, postgres.Wrap(err, "show election %d", id)
	}
	if len(rows) == 0 {
		return p, ErrNotFound
	}
	var err error
	if p.Card, err = rows[0].card(); err != nil {
		return p, err
	}
	if !p.Election.Sees(by) {
		return Page{}, ErrNotFound
	}
	if p.Acts, err = actsFor(by, p.Election, acts); err != nil {
		return p, err
	}
	if IsBoard(by) && len(risks) > 0 {
		p.Risk, err = readRisk(risks[0])
	}
	return p, err
}

// actsFor keeps of the acts what the actor may know.
func actsFor(by access.Actor, e Election, rows []actRow) ([]Act, error) {
	var out []Act
	for _, r := range rows {
		a, _, err := r.act(e)
		if err != nil {
			return nil, err
		}
		if !IsBoard(by) {
			if a.ConfirmedAt == nil {
				continue
			}
			a.ProposedBy, a.Proposer, a.Confirmer = 0, "", ""
		}
		out = append(out, a)
	}
	return out, nil
}
