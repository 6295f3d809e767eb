package count

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Proclamation is what proclaiming would do.
type Proclamation struct {
	Result
	Seats    []SeatPlan // that the election fills or empties; a complementary one touches the empty ones only
	PV       SignedPV
	Unsigned []KeyHolder // who did not sign its last version
}

// errNoPV says that the procès-verbal comes before.
var errNoPV = refuse("Le procès-verbal doit être établi avant la proclamation.")

// Proclamation returns what the chair is about to do, for the chair and the team.
func (s *Service) Proclamation(ctx context.Context, by access.Actor, id election.ID) (Proclamation, error) {
	if err := by.Require(by.RunsBodies() || by.Is(access.Chair)); err != nil {
		return Proclamation{}, err
	}
	return s.proclamation(ctx, s.db, by, id)
}

func (s *Service) proclamation(ctx context.Context, db postgres.DB, by access.Actor, id election.ID) (Proclamation, error) {
	r, err := s.result(ctx, db, by, id)
	if err != nil {
		return Proclamation{}, err
	}
	p := Proclamation{Result: r, Seats: slices.Clone(r.Seats)}
	p.assign()
	if len(r.PVs) > 0 {
		if p.PV, err = s.pv(ctx, db, by, r.Closing, 0); err != nil {
			return p, err
		}
	}
	for _, k := range r.Holders {
		signed := false
		for _, g := range p.PV.Signatures {
			signed = signed || g.Person == k.Person
		}
		if !signed {
			p.Unsigned = append(p.Unsigned, k)
		}
	}
	return p, nil
}

// assign gives seats to the elected: by rank, to the seats of their college in order;
// the empty ones alone when the election completes another one.
func (p *Proclamation) assign() {
	voted := map[governance.College][]Line{}
	for _, c := range p.Colleges {
		voted[c.College] = c.Elected()
	}
	var kept []SeatPlan
	for _, s := range p.Seats {
		elected, ok := voted[s.College]
		if !ok || p.Election.Complements != nil && s.Holder != "" {
			continue
		}
		if len(elected) > 0 {
			s.Line, voted[s.College] = &elected[0], elected[1:]
		}
		kept = append(kept, s)
	}
	p.Seats = kept
}

// Refusal tells why the result cannot be proclaimed yet, nil when it can.
func (p Proclamation) Refusal() error {
	placed := 0
	for _, s := range p.Seats {
		if s.Line != nil {
			placed++
		}
	}
	elected := 0
	for _, c := range p.Colleges {
		elected += len(c.Elected())
	}
	switch {
	case p.Election.Phase != election.Counted:
		return refuse("Le résultat est déjà proclamé.")
	case p.DrawNeeded():
		return refuse("Une égalité attend le tirage au sort.")
	case len(p.PVs) == 0:
		return errNoPV
	case placed < elected:
		return refuse("Il y a plus d’élus que de sièges à pourvoir au CMTIN : un siège a été pourvu entre-temps. Prévenez l’équipe.")
	}
	return nil
}

// Proclaim proclaims the result, by the chair. In one transaction: the mandates of the
// five seats of each college end, even where the seat stays empty; the elected and their
// alternates get theirs, are invited and act for their structure; the procès-verbal gets
// its last version, signed by the chair; the contest period begins. seen is the
// fingerprint of the procès-verbal that was shown.
func (s *Service) Proclaim(ctx context.Context, by access.Actor, id election.ID, seen string) error {
	if err := by.Require(by.Is(access.Chair)); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := election.Lock(ctx, tx, by, id); err != nil {
			return err
		}
		p, err := s.proclamation(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := p.Refusal(); err != nil {
			return err
		}
		if p.PV.SHA256 != seen {
			return refuse("Une nouvelle version du procès-verbal a été établie : relisez-la avant de proclamer.")
		}
		if err := s.fillSeats(ctx, tx, by, p); err != nil {
			return err
		}
		until, err := postgres.Value[time.Time](ctx, tx, `
			UPDATE election SET contest_until = (paris_today() + $2::int + 1)::timestamp AT TIME ZONE 'Europe/Paris' WHERE id = $1 RETURNING contest_until`, id, p.Election.Rules.ContestDays)
		if err != nil {
			return postgres.Wrap(err, "contest period of election %d", id)
		}
		if err := election.SetPhase(ctx, tx, by, p.Election, election.Proclaimed); err != nil {
			return err
		}
		if err := s.keepProclaimed(ctx, tx, by, p, until); err != nil {
			return err
		}
		if err := election.Record(ctx, tx, by, "proclaim", p.Election, nil, map[string]any{"sieges": len(p.Seats), "vacants": p.Vacant(), "contestable_jusqu_au": until}); err != nil {
			return err
		}
		return s.tellCandidates(ctx, tx, p, until)
	})
}

// fillSeats ends the former mandates and begins the new ones.
func (s *Service) fillSeats(ctx context.Context, tx pgx.Tx, by access.Actor, p Proclamation) error {
	ids, seats, touched := []int64{}, []int64{}, []int64{}
	for _, plan := range p.Seats { // ten at most
		touched = append(touched, int64(plan.Seat))
		if err := s.governance.EndTerm(ctx, tx, by, plan.Seat, p.Today, "fin du mandat : "+p.Election.Title); err != nil {
			return err
		}
		if plan.Line == nil {
			continue
		}
		ids, seats = append(ids, int64(plan.Line.Standing.ID)), append(seats, int64(plan.Seat))
	}
	people, err := contacts(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, plan := range p.Seats {
		if plan.Line == nil {
			continue
		}
		pair := people[plan.Line.Standing.ID]
		if err := s.seat(ctx, tx, by, appointment{plan.Seat, plan.Line.Structure, plan.Line.StructureName, pair.Titular, pair.Alternate, p.Today, p.TermEnds, "Élection par le GNI", reference(p.Election)}); err != nil {
			return err
		}
	}
	_, err = postgres.Exec(ctx, tx, `
		WITH former AS (UPDATE candidacy_result SET left_on = $4 WHERE seat_id = ANY ($3::bigint[]) AND left_on IS NULL)
		UPDATE candidacy_result r SET seat_id = x.seat FROM unnest($1::bigint[], $2::bigint[]) AS x (id, seat) WHERE r.candidacy_id = x.id`, ids, seats, touched, p.Today)
	return postgres.Wrap(err, "seats of the elected of election %d", p.Election.ID)
}

func reference(e election.Election) string {
	return fmt.Sprintf("Procès-verbal de l’élection n° %d, « %s »", e.ID, e.Title)
}

// keepProclaimed writes the version of the procès-verbal that holds the proclamation,
// signed by the chair.
func (s *Service) keepProclaimed(ctx context.Context, tx pgx.Tx, by access.Actor, p Proclamation, until time.Time) error {
	v := p.PV.PV
	v.Proclaimed = &PVProclamation{By: by.Name, At: p.Election.Now.UTC(), ContestUntil: until.UTC(), Seats: []PVSeat{}}
	for _, plan := range p.Seats {
		line := PVSeat{Seat: plan.Label}
		if plan.Line != nil {
			line.Structure, line.Titular, line.Alternate = plan.Line.StructureName, plan.Line.Titular, plan.Line.Alternate
		}
		v.Proclaimed.Seats = append(v.Proclaimed.Seats, line)
	}
	version, err := s.keepPV(ctx, tx, by, p.Result, v)
	if err != nil {
		return err
	}
	return sign(ctx, tx, by, p.Election.ID, version, chairQuality)
}

// tellCandidates writes the result to every candidate.
func (s *Service) tellCandidates(ctx context.Context, tx pgx.Tx, p Proclamation, until time.Time) error {
	type reader struct {
		ID      election.CandidacyID
		Name    string
		Email   string
		Elected bool
	}
	list, err := postgres.List[reader](ctx, tx, `
		SELECT c.id, c.titular_first || ' ' || c.titular_last AS name, c.titular_email AS email, coalesce(r.elected, false) AS elected
		FROM candidacy c LEFT JOIN candidacy_result r ON r.candidacy_id = c.id WHERE c.election_id = $1 AND c.place IS NOT NULL ORDER BY c.id`, p.Election.ID)
	if err != nil {
		return postgres.Wrap(err, "candidates of election %d", p.Election.ID)
	}
	var mails []notify.Mail
	for _, r := range list {
		if !notify.Deliverable(r.Email) {
			continue
		}
		text := "Votre candidature n’a pas obtenu de siège. Elle reste sur la liste des suivants de son collège si elle a reçu au moins une voix."
		if r.Elected {
			text = "Votre candidature est élue : votre mandat au Comité métropolitain territorial pour l’inclusion numérique commence aujourd’hui."
		}
		mails = append(mails, notify.Mail{Kind: "election_result", ToAddress: r.Email, ToName: r.Name, Subject: "Résultat proclamé : " + p.Election.Title,
			Paragraphs: []string{"Le résultat de l’élection « " + p.Election.Title + " » est proclamé.", text,
				"Il peut être contesté jusqu’au " + french.DateTime(until) + "."}, Action: "Voir le résultat", Link: s.link(p.Election.ID, "/resultats")})
	}
	_, err = s.outbox.QueueMany(ctx, tx, mails)
	return err
}
