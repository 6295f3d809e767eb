package count

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// MakePV verifies every archive again and writes a version of the procès-verbal from
// the result: until the chair proclaims it, it can be made again (an incident written
// since, for instance), and signatures are then asked again.
func (s *Service) MakePV(ctx context.Context, by access.Actor, id election.ID, program Program) (version int, err error) {
	if err := by.Require(by.RunsBodies() || by.Is(access.Scrutineer)); err != nil {
		return 0, err
	}
	r, err := s.Result(ctx, by, id)
	if err != nil {
		return 0, err
	}
	if err := r.readyForPV(); err != nil {
		return 0, err
	}
	boxes, err := s.verify(ctx, r)
	if err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := election.Lock(ctx, tx, by, id); err != nil {
			return err
		}
		r, err := s.result(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := r.readyForPV(); err != nil {
			return err
		}
		v := pvOf(r)
		v.Program, v.Boxes = &program, boxes
		if err := addFacts(ctx, tx, &v); err != nil {
			return err
		}
		version, err = s.keepPV(ctx, tx, by, r, v)
		return err
	})
	return version, err
}

func (r Result) readyForPV() error {
	switch {
	case r.Election.Phase != election.Counted:
		return refuse("Le résultat est déjà proclamé : son procès-verbal est définitif.")
	case r.DrawNeeded():
		return refuse("Une égalité attend le tirage au sort : le procès-verbal vient après.")
	}
	return nil
}

// verify re-checks the archives and compares them with what was kept of the count.
func (s *Service) verify(ctx context.Context, r Result) ([]PVBox, error) {
	var out []PVBox
	for _, b := range r.Boxes { // one or two
		records, err := election.Records(ctx, s.db, b.ID)
		if err != nil {
			return nil, err
		}
		report, err := belenios.VerifyRecords(ctx, records)
		if err != nil {
			return nil, &problem.Error{Kind: problem.Conflict, Err: err, Message: "La vérification de l’urne « " + b.CollegeLabel() + " » a échoué : le procès-verbal n’est pas établi. Consignez l’incident et prévenez les porteurs de clés."}
		}
		sum := r.SumOf(b.ID)
		if !reflect.DeepEqual(report.Counts, sum.Counts) || report.Ballots != sum.Tallied {
			return nil, refuse("Le résultat gardé par le portail n’est pas celui de l’urne « " + b.CollegeLabel() + " » : le procès-verbal n’est pas établi.")
		}
		out = append(out, PVBox{Name: b.Name, UUID: b.UUID, Fingerprint: report.Fingerprint, Setup: hex.EncodeToString(report.Setup[:]),
			CloseHead: hex.EncodeToString(sum.CloseHead), Head: hex.EncodeToString(b.Head), Sum: hex.EncodeToString(sum.SHA256), Registered: sum.Registered, Voted: sum.Voted,
			Codes: report.Credentials, Received: b.Ballots, Tallied: sum.Tallied, Browser: sum.Browser, Server: sum.Server, Desk: sum.Desk, Verified: verified(report)})
	}
	return out, nil
}

// verified is what the verification of an archive found, in words.
func verified(r *belenios.Report) string {
	return fmt.Sprintf("Vérification du portail (mêmes contrôles que « belenios-tool election verify ») : tout est juste. %s, %s, %s comptés, %s ; la somme chiffrée est celle des bulletins et le résultat celui de la somme.",
		french.Count(len(r.Heads), "événement enchaîné", "événements enchaînés"), french.Count(r.Credentials, "code public", "codes publics"),
		french.Count(r.Ballots, "bulletin", "bulletins"), french.Count(r.Partials, "déchiffrement partiel", "déchiffrements partiels"))
}

// addFacts adds what other rooms of the election wrote.
func addFacts(ctx context.Context, tx pgx.Tx, v *PV) error {
	var b postgres.Batch
	postgres.AddList(&b, &v.Acts, `
		SELECT a.act, a.reason, p.first_name || ' ' || p.last_name AS proposed_by, q.first_name || ' ' || q.last_name AS confirmed_by, a.confirmed_at AS at
		FROM election_act a JOIN person p ON p.id = a.proposed_by JOIN person q ON q.id = a.confirmed_by
		WHERE a.election_id = $1 AND a.confirmed_at IS NOT NULL ORDER BY a.confirmed_at, a.id`, v.Election)
	var steps []step
	postgres.AddList(&b, &steps, `
		SELECT c.step, coalesce(p.first_name || ' ' || p.last_name, '') AS by_name, c.done_at, c.evidence
		FROM ceremony_step c LEFT JOIN person p ON p.id = c.done_by WHERE c.election_id = $1 ORDER BY c.done_at, c.step`, v.Election)
	if err := b.Run(ctx, tx); err != nil {
		return postgres.Wrap(err, "facts of the procès-verbal of election %d", v.Election)
	}
	for _, x := range steps {
		v.Ceremony = append(v.Ceremony, x.pv())
	}
	incidents, err := election.Incidents(ctx, tx, v.Election)
	if err != nil {
		return err
	}
	for _, i := range incidents {
		v.Incidents = append(v.Incidents, PVIncident{At: i.At.UTC(), Text: i.Text})
	}
	risk, err := election.RiskOf(ctx, tx, v.Election)
	if err != nil || risk == nil {
		return err
	}
	v.Risk, err = json.Marshal(risk)
	return err
}

// step is a step of the ceremony as it is kept.
type step struct {
	Step     string
	ByName   string
	DoneAt   time.Time
	Evidence string
}

func (x step) pv() PVStep {
	v := PVStep{Step: x.Step, By: x.ByName, At: x.DoneAt.UTC()}
	switch raw := []byte(x.Evidence); {
	case x.Evidence == "":
	case json.Valid(raw):
		v.Evidence = raw
	default:
		v.Evidence, _ = json.Marshal(x.Evidence) // a string
	}
	return v
}

// keepPV writes the next version of the procès-verbal of a locked election.
func (s *Service) keepPV(ctx context.Context, tx pgx.Tx, by access.Actor, r Result, v PV) (int, error) {
	v.Version = 1
	if len(r.PVs) > 0 {
		last := r.PVs[0]
		v.Version = last.Version + 1
		v.Previous = &PVPrevious{Version: last.Version, SHA256: hex.EncodeToString(last.SHA256), Signatures: []Signature{}}
		for _, g := range r.Signatures {
			if g.Version == last.Version {
				v.Previous.Signatures = append(v.Previous.Signatures, Signature{Name: g.Name, Quality: g.Quality, At: g.At.UTC()})
			}
		}
	}
	v.MadeAt = r.Election.Now.UTC()
	text, err := v.Text()
	if err != nil {
		return 0, err
	}
	_, err = postgres.Exec(ctx, tx, `INSERT INTO election_pv (election_id, version, content, sha256) VALUES ($1, $2, $3, sha256(convert_to($3, 'UTF8')))`, v.Election, v.Version, text)
	if err != nil {
		return 0, postgres.Wrap(err, "procès-verbal %d of election %d", v.Version, v.Election)
	}
	return v.Version, election.Record(ctx, tx, by, "pv", r.Election, nil, map[string]any{"version": v.Version})
}

// SignedPV is a version of the procès-verbal with what was signed.
type SignedPV struct {
	PV
	Text       string
	SHA256     string // hexadecimal, of Text
	Signatures []Signature
	Versions   []PVLine // all of them, the last first
	Phase      election.Phase
	// Signs is the quality in which the actor may sign this version, "" if they may not
	// or did already.
	Signs string
}

// PV returns a version of the procès-verbal, the last one when version is 0. Everybody
// may read it.
func (s *Service) PV(ctx context.Context, by access.Actor, id election.ID, version int) (SignedPV, error) {
	c, err := s.load(ctx, s.db, by, id)
	if err != nil {
		return SignedPV{}, err
	}
	return s.pv(ctx, s.db, by, c, version)
}

func (s *Service) pv(ctx context.Context, q postgres.Querier, by access.Actor, c Closing, version int) (SignedPV, error) {
	if version == 0 && len(c.PVs) > 0 {
		version = c.PVs[0].Version
	}
	text, err := c.lastPV, error(nil)
	if len(c.PVs) == 0 || version != c.PVs[0].Version {
		text, err = postgres.Value[string](ctx, q, `SELECT content FROM election_pv WHERE election_id = $1 AND version = $2`, c.Election.ID, version)
	}
	if postgres.IsNoRows(err) {
		return SignedPV{}, problem.New(problem.NotFound, "Ce procès-verbal n’existe pas.")
	}
	if err != nil {
		return SignedPV{}, postgres.Wrap(err, "procès-verbal %d of election %d", version, c.Election.ID)
	}
	v := SignedPV{Text: text, Versions: c.PVs, Phase: c.Election.Phase}
	if v.PV, err = ParsePV(text); err != nil {
		return v, err
	}
	signed := false
	for _, g := range c.Signatures {
		if g.Version == version {
			v.Signatures = append(v.Signatures, g)
			signed = signed || g.Person == by.Person
		}
	}
	for _, l := range c.PVs {
		if l.Version == version {
			v.SHA256 = hex.EncodeToString(l.SHA256)
		}
	}
	if !signed && version == c.PVs[0].Version {
		v.Signs = c.quality(by, v.PV)
	}
	return v, nil
}

// quality is that in which somebody signs: key holders the result, and the chair what
// they proclaimed.
func (c Closing) quality(by access.Actor, v PV) string {
	if v.Kind != "result" {
		return ""
	}
	if k, err := c.Holder(by); err == nil {
		return k.Quality + ", porteur de la clé n° " + fmt.Sprint(k.Owner)
	}
	if by.Is(access.Chair) {
		return chairQuality
	}
	return ""
}

const chairQuality = "Présidence"

// Sign signs the last version of the procès-verbal, by the account of a key holder or
// of the chair. seen is the fingerprint that the person was shown.
func (s *Service) Sign(ctx context.Context, by access.Actor, id election.ID, version int, seen string) error {
	if err := by.Require(by.Is(access.Scrutineer, access.Chair)); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Lock(ctx, tx, by, id)
		if err != nil {
			return err
		}
		c, err := s.gather(ctx, tx, e)
		if err != nil {
			return err
		}
		v, err := s.pv(ctx, tx, by, c, version)
		switch {
		case err != nil:
			return err
		case version != c.PVs[0].Version || v.SHA256 != seen:
			return refuse("Une nouvelle version du procès-verbal a été établie : relisez-la avant de signer.")
		case v.Signs == "":
			return refuse("Vous avez déjà signé ce procès-verbal, ou vous n’avez pas à le signer.")
		}
		if err := sign(ctx, tx, by, id, version, v.Signs); err != nil {
			return err
		}
		return election.Record(ctx, tx, by, "sign", e, nil, map[string]any{"version": version, "sha256": v.SHA256})
	})
}

func sign(ctx context.Context, tx pgx.Tx, by access.Actor, id election.ID, version int, quality string) error {
	_, err := postgres.Exec(ctx, tx, `INSERT INTO election_signature (election_id, version, person_id, quality) VALUES ($1, $2, $3, $4)`, id, version, by.Person, quality)
	return postgres.Wrap(err, "sign the procès-verbal of election %d", id)
}
