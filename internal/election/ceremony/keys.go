package ceremony

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// errNoKeeper answers who holds no key of the election.
var errNoKeeper = problem.New(problem.Forbidden, "Vous ne portez pas de clé de cette élection.")

// maxKey is past the size of any public key.
const maxKey = 4000

// GiveKey records the public key of a holder, whose proof of possession is checked, over
// the one with the fingerprint seen ("" for none). A new key voids the rehearsal. It
// returns the fingerprint to read aloud. Field: cle_publique.
func (s *Service) GiveKey(ctx context.Context, by access.Actor, id election.ID, seen, raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	t, err := readKey(raw)
	if err != nil {
		return "", err
	}
	err = s.act(ctx, by, id, keeper, func(tx pgx.Tx, e election.Election) error {
		if err := notSetUp(ctx, tx, e); err != nil {
			return err
		}
		v, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		h, ok := v.Of(by)
		switch {
		case !ok:
			return errNoKeeper
		case h.Fingerprint() != seen:
			return election.ErrStale
		}
		for _, other := range v.Holders {
			if other.Owner != h.Owner && other.KeyText() == t.PublicKey.String() {
				return problem.OnField("cle_publique", "Cette clé est déjà celle d’un autre porteur : créez la vôtre.")
			}
		}
		if other := t.Fingerprint(); other == seen {
			return problem.OnField("cle_publique", "Cette clé est déjà déposée : il n’y a rien à changer.")
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election_trustee SET public_key = $3, uploaded_at = now() WHERE election_id = $1 AND owner = $2`,
			e.ID, h.Owner, string(t.Raw())); err != nil {
			return postgres.Wrap(err, "key %d of election %d", h.Owner, e.ID)
		}
		if err := dropRehearsal(ctx, tx, e); err != nil {
			return err
		}
		return election.Record(ctx, tx, by, "key", e, fingerprint(h, seen), fingerprint(h, t.Fingerprint()))
	})
	return t.Fingerprint(), err
}

// fingerprint is what the journal keeps of a key.
func fingerprint(h Holder, print string) any {
	if print == "" {
		return nil
	}
	return map[string]any{"clé": h.Owner, "empreinte": print}
}

// readKey reads a public key and says in words what is wrong with one.
func readKey(raw string) (belenios.Trustee, error) {
	switch {
	case raw == "":
		return belenios.Trustee{}, problem.OnField("cle_publique", "Créez votre clé, ou collez le contenu du fichier de votre clé publique.")
	case len(raw) > maxKey:
		return belenios.Trustee{}, problem.OnField("cle_publique", "Ce texte est trop long pour une clé publique.")
	case strings.HasPrefix(raw, `"`):
		// The file of a private key is a JSON string. It is neither kept nor shown again.
		return belenios.Trustee{}, problem.OnField("cle_publique", "C’est votre clé privée : ne la donnez à personne. Elle n’a pas été enregistrée, mais créez une nouvelle clé : celle-ci a quitté votre poste.")
	}
	t, err := belenios.ParseTrustee([]byte(raw))
	if err != nil {
		return t, problem.OnField("cle_publique", "Ce texte n’est pas une clé publique valide pour cette élection : la preuve qui l’accompagne n’est pas juste.")
	}
	return t, nil
}

// LooksPrivate tells whether what was typed as a public key is a private one, which no
// page shows again.
func LooksPrivate(raw string) bool { return strings.HasPrefix(strings.TrimSpace(raw), `"`) }
