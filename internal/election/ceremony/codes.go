package ceremony

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// RollLine is a structure as who makes the codes needs it.
type RollLine struct {
	Structure access.OrganisationID `db:"structure_id"`
	Name      string                `db:"name"`
	Commune   string                `db:"commune"`
	College   governance.College    `db:"college"`
	Box       string                `db:"uuid"`
	BoxName   string                `db:"box_name"`
	Email     string                `db:"email"` // of the person in charge; "" for none
}

// ExportRoll returns the roll for who makes the codes, and journals that it left.
func (s *Service) ExportRoll(ctx context.Context, by access.Actor, id election.ID) (election.Election, []RollLine, error) {
	var of election.Election
	var list []RollLine
	err := s.act(ctx, by, id, team, func(tx pgx.Tx, e election.Election) (err error) {
		of = e
		if err := notSetUp(ctx, tx, e); err != nil {
			return err
		}
		list, err = postgres.List[RollLine](ctx, tx, `
			SELECT r.structure_id, r.name, r.commune, r.college, b.uuid, b.name AS box_name, coalesce(c.email, '') AS email
			FROM election_roll r
			JOIN emargement m ON m.structure_id = r.structure_id
			JOIN ballot_box b ON b.id = m.box_id AND b.election_id = r.election_id AND NOT b.rehearsal
			LEFT JOIN LATERAL (
				SELECT coalesce(p.email, a.email) AS email
				FROM (SELECT h.person_id, 1 AS rank FROM seat s JOIN mandate h ON h.seat_id = s.id
				      WHERE s.organisation_id = r.structure_id AND s.kind = 'structure' AND h.kind = 'titular' AND h.during @> paris_today()
				      UNION ALL SELECT n.person_id, CASE WHEN n.manager THEN 2 ELSE 3 END FROM membership n
				      WHERE n.organisation_id = r.structure_id AND n.during @> paris_today()) x
				JOIN person p ON p.id = x.person_id LEFT JOIN account a ON a.person_id = p.id
				WHERE coalesce(p.email, a.email, '') <> '' ORDER BY x.rank, p.id LIMIT 1) c ON true
			WHERE r.election_id = $1 ORDER BY r.college, fold(r.name), r.structure_id`, e.ID)
		if err != nil {
			return postgres.Wrap(err, "roll of election %d", e.ID)
		}
		return election.Record(ctx, tx, by, "codes", e, nil, map[string]any{"liste téléchargée": len(list)})
	})
	return of, list, err
}

// maxCodes is past the size of the public codes of any box.
const maxCodes = 700 << 10

// GiveCodes records the public codes of a box, public_creds.json, over those it had:
// until the boxes are set up, the codes may all be made anew. Field: liste_N, N being
// the box.
func (s *Service) GiveCodes(ctx context.Context, by access.Actor, id election.ID, box election.BoxID, raw string) (int, error) {
	field := fmt.Sprintf("liste_%d", box)
	if !team(by) {
		return 0, election.ErrNotFound
	}
	codes, err := readCodes(field, strings.TrimSpace(raw))
	if err != nil {
		return 0, err
	}
	return len(codes), s.act(ctx, by, id, team, func(tx pgx.Tx, e election.Election) error {
		if err := notSetUp(ctx, tx, e); err != nil {
			return err
		}
		v, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(v.Boxes, func(b Box) bool { return b.ID == box })
		switch {
		case i < 0:
			return election.ErrNotFound
		case v.Authority == nil:
			return problem.OnField(field, "Désignez d’abord la personne qui fabrique les codes.")
		case len(codes) != v.Boxes[i].Voters:
			return problem.OnField(field, fmt.Sprintf("Ce fichier a %d codes, et la liste électorale de cette urne compte %d structures : il en faut autant.", len(codes), v.Boxes[i].Voters))
		}
		if err := apart(ctx, tx, e, field, box, codes); err != nil {
			return err
		}
		body := belenios.CredentialsJSON(codes)
		hash, err := postgres.Value[[]byte](ctx, tx, `
			INSERT INTO election_codes (box_id, body, codes) VALUES ($1, $2, $3)
			ON CONFLICT (box_id) DO UPDATE SET body = excluded.body, codes = excluded.codes, uploaded_at = now() RETURNING sha256`, box, body, len(codes))
		if err != nil {
			return postgres.Wrap(err, "codes of box %d", box)
		}
		return election.Record(ctx, tx, by, "codes", e, nil, map[string]any{"urne": v.Boxes[i].Name, "codes": len(codes), "empreinte": hex.EncodeToString(hash)})
	})
}

func readCodes(field, raw string) ([]string, error) {
	switch {
	case raw == "":
		return nil, problem.OnField(field, "Choisissez le fichier public_creds de cette urne, ou collez son contenu.")
	case len(raw) > maxCodes:
		return nil, problem.OnField(field, "Ce fichier est trop gros pour une liste de codes publics.")
	case strings.Contains(raw, "-"):
		return nil, problem.OnField(field, "Ce fichier n’est pas celui des codes publics. S’il contient des codes de vote, détruisez-le : ils ne doivent pas être confiés à l’équipe, et sont à refaire.")
	}
	codes, err := belenios.ParseCredentials([]byte(raw))
	if err != nil {
		return nil, problem.OnField(field, "Ce fichier n’est pas une liste de codes publics valide : chaque code doit être différent des autres, dans l’ordre, et fait pour cette élection.")
	}
	return codes, nil
}

// apart refuses codes that another box of the election has.
func apart(ctx context.Context, tx pgx.Tx, e election.Election, field string, box election.BoxID, codes []string) error {
	bodies, err := postgres.Values[[]byte](ctx, tx, `
		SELECT c.body FROM election_codes c JOIN ballot_box b ON b.id = c.box_id WHERE b.election_id = $1 AND b.id <> $2`, e.ID, box)
	if err != nil {
		return postgres.Wrap(err, "codes of the other boxes of election %d", e.ID)
	}
	mine := map[string]bool{}
	for _, c := range codes {
		mine[c] = true
	}
	for _, body := range bodies {
		for _, c := range strings.FieldsFunc(string(body), func(r rune) bool { return r < '0' || r > '9' }) {
			if mine[c] {
				return problem.OnField(field, "Un de ces codes est déjà dans une autre urne : chaque urne a ses codes.")
			}
		}
	}
	return nil
}
