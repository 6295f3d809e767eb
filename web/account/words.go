package account

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// demoRoles are the accounts of the demonstration (contract.md), by role.
var demoRoles = []struct {
	role      string
	addresses []string
	more      string
}{
	{access.Administrator.Label(), []string{"admin@example.org"}, ""},
	{access.Team.Label(), []string{"equipe@example.org", "equipe2@example.org"}, ""},
	{access.Chair.Label(), []string{"presidente@example.org", "conseillere@example.org"}, ""},
	{access.Mayor.Label(), []string{"maire-begles@example.org"}, "et une adresse pour chaque commune, sur ce modèle"},
	{access.Delegate.Label(), []string{"agent-begles@example.org"}, ""},
	{access.Structure.Label(), []string{"structure-001@example.org", "structure-002@example.org"}, "et ainsi de suite jusqu’à 160 ; impair : action sociale, pair : médiation numérique"},
	{access.Partner.Label(), []string{"partenaire-01@example.org"}, "et ainsi de suite"},
	{access.State.Label(), []string{"prefecture@example.org"}, ""},
	{access.Scrutineer.Label(), []string{"scrutatrice@example.org"}, ""},
}

// keyed gives a form the key that makes a double submit have one effect.
func keyed(f *form.Form) *form.Form {
	if f.Value(form.KeyField) == "" {
		f.Set(form.KeyField, page.NewKey())
	}
	return f
}

func mineRows(p account.Profile, secondFactor bool) []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Key: "Nom", Value: p.Person.Name(), ActionHref: identityPath, ActionHidden: "votre nom"},
		{Key: "Adresse électronique", Value: p.Person.Email, ActionHref: identityPath, ActionHidden: "votre adresse électronique"},
		{Key: "Mot de passe", Value: changedText(p.PasswordChangedAt), ActionHref: passwordPath, ActionHidden: "votre mot de passe"},
		{Key: "Appareils", Value: french.Count(p.Devices, "appareil connecté", "appareils connectés"),
			ActionLabel: "Voir", ActionHref: devicesPath, ActionHidden: "vos appareils"},
		{Key: "Agenda", Value: "Vos réunions dans votre agenda", ActionLabel: "S’abonner", ActionHref: calendarPath, ActionHidden: "à vos réunions"},
		{Key: "Courriels", Value: "Un par un ou groupés", ActionLabel: "Choisir", ActionHref: mailPath, ActionHidden: "le rythme de vos courriels"},
	}
	if secondFactor {
		state := "Arrêtée"
		if p.SecondFactor {
			state = "Activée"
		}
		rows = append(rows, ui.SummaryRow{Key: "Double vérification", Value: state,
			ActionLabel: "Gérer", ActionHref: factorPath, ActionHidden: "la double vérification"})
	}
	return rows
}

func changedText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "Choisi le " + french.Date(day.In(at))
}

func deviceName(d account.Device) string {
	if d.Device == "" {
		return "Appareil non reconnu"
	}
	return d.Device
}

func deviceOptions(devices []account.Device) []ui.Option {
	var out []ui.Option
	for _, d := range devices {
		label := deviceName(d)
		if d.Here {
			label += " (cet appareil)"
		}
		out = append(out, ui.Option{Value: strconv.FormatInt(int64(d.ID), 10), Label: label, Hint: "Connecté le " + french.DateTime(d.CreatedAt)})
	}
	return append(out,
		ui.Option{Value: othersOnly, Label: "Tous les autres appareils"},
		ui.Option{Value: everywhere, Label: "Partout, cet appareil compris"})
}

func keptFields(kept account.KeptForm) []ui.HiddenField {
	names := make([]string, 0, len(kept.Fields))
	for name := range kept.Fields {
		if name != form.ReviewField {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []ui.HiddenField
	for _, name := range names {
		for _, v := range kept.Fields[name] {
			out = append(out, ui.HiddenField{Name: name, Value: v})
		}
	}
	return out
}

func resetOf(v listView) string {
	if v.Filtered {
		return accountsPath
	}
	return ""
}

func roleOptions() []ui.Option {
	var out []ui.Option
	for _, r := range access.Roles {
		if r != access.Public {
			out = append(out, ui.Option{Value: string(r), Label: r.Label()})
		}
	}
	return out
}

func stateOptions() []ui.Option {
	var out []ui.Option
	for _, s := range account.States {
		out = append(out, ui.Option{Value: string(s), Label: s.Label()})
	}
	return out
}

// grantOptions are the roles an administrator may give, but those already held.
func grantOptions(held []account.Grant) []ui.Option {
	var out []ui.Option
	for _, r := range account.GrantedRoles {
		if !slices.ContainsFunc(held, func(g account.Grant) bool { return g.Role == r }) {
			out = append(out, ui.Option{Value: string(r), Label: r.Label()})
		}
	}
	return out
}

func rolesText(row account.Row) string { return orDash(strings.Join(row.RoleLabels(), ", ")) }

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func seenText(at *time.Time) string {
	if at == nil {
		return "Jamais"
	}
	return french.ShortDateTime(*at)
}

func detailRows(d account.Details) []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Key: "Adresse électronique", Value: d.Person.Email},
		{Key: "État", Content: stateTag(d.State)},
		{Key: "Compte créé le", Value: french.Date(day.In(d.CreatedAt))},
	}
	if d.SecondFactor {
		rows = append(rows, ui.SummaryRow{Key: "Double vérification", Value: "Activée"})
	}
	if d.InvitedUntil != nil {
		rows = append(rows, ui.SummaryRow{Key: "Invitation", Value: "Valable jusqu’au " + french.DateTime(*d.InvitedUntil)})
	}
	if d.ResetUntil != nil {
		rows = append(rows, ui.SummaryRow{Key: "Lien de nouveau mot de passe", Value: "Valable jusqu’au " + french.DateTime(*d.ResetUntil)})
	}
	return rows
}
