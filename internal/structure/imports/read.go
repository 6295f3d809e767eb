package imports

import (
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// reader reads the cells of a line over a sheet. An empty cell changes nothing.
type reader struct {
	*planner
	*key
	sheet        structure.Sheet
	cells        []Cell
	filled       []Field // the fields that the line gives
	otherCollege bool
}

func (r *reader) fail(f Field, message string) { r.cells = append(r.cells, r.bad(r.row, f, message)) }

// fields reads every mapped cell.
func (r *reader) fields() {
	r.identity()
	columns := map[string]string{}
	var taken []*definition
	for _, f := range r.mapping.Columns {
		d, typed := find(f), r.value(r.row, f)
		switch {
		case d == nil || typed == "":
		case d.take != nil:
			columns[d.column] = cellOf(d, typed)
			taken = append(taken, d)
		case d.read != nil:
			r.filled = append(r.filled, f)
			if wrong := d.read(&r.sheet, typed); wrong != "" {
				r.fail(f, wrong)
			}
		}
	}
	if len(taken) > 0 {
		r.national(columns, taken)
	}
}

// national reads the cells that the standard describes; what it says of a column the
// file does not have is not for here.
func (r *reader) national(columns map[string]string, taken []*definition) {
	p, wrong := national.ReadRow(columns)
	for _, d := range taken {
		i := slices.IndexFunc(wrong, func(e national.CellError) bool { return e.Column == d.column })
		if i >= 0 {
			r.fail(d.field, wrong[i].Message)
			continue
		}
		r.filled = append(r.filled, d.field)
		d.take(&r.sheet, p)
	}
}

// lists are the columns of the standard that hold several values.
var lists = []string{"typologie", "courriels", "site_web", "itinerance", "services", "publics_specifiquement_adresses",
	"prise_en_charge_specifique", "frais_a_charge", "dispositif_programmes_nationaux", "formations_labels",
	"autres_formations_labels", "modalites_acces", "modalites_accompagnement"}

// cellOf gives a cell as the standard writes it: people also part values by a
// semicolon or a new line.
func cellOf(d *definition, typed string) string {
	if slices.Contains(lists, d.column) {
		return strings.NewReplacer(";", "|", "\n", "|").Replace(typed)
	}
	return typed
}

// identity takes what the key of the line says.
func (r *reader) identity() {
	if r.name != "" {
		r.sheet.Name = r.name
	}
	if r.siret != "" {
		r.sheet.SIRET = r.siret
	}
	if r.rna != "" {
		r.sheet.RNA = r.rna
	}
	if r.nationalID != "" {
		r.sheet.NationalID = r.nationalID
	}
	if r.insee != "" {
		r.sheet.INSEE, r.sheet.Commune = r.insee, r.names[r.insee]
	}
	r.college()
}

// college gives a new line its college; a structure of the register keeps its own.
func (r *reader) college() {
	typed := r.value(r.row, CollegeField)
	college := r.mapping.College
	if typed != "" {
		if college = collegeOf(typed); college == "" {
			r.fail(CollegeField, "Écrivez Action sociale ou Médiation numérique.")
			return
		}
	}
	switch {
	case r.sheet.ID != 0:
		r.otherCollege = typed != "" && college != r.sheet.College
	case !slices.Contains(governance.Colleges, college):
		r.fail(CollegeField, "Cette case est vide, et aucun collège n’est choisi pour toutes les lignes.")
	default:
		r.sheet.College = college
	}
}

// settle cleans the sheet and tells what is wrong in what the line gives; a new
// structure needs a name and a commune besides.
func (r *reader) settle(isNew bool) {
	if isNew {
		r.sheet.Origin = structure.FromImport
		if r.name == "" {
			r.fail(Name, "Le nom de la structure manque.")
		}
		if r.insee == "" && !r.told(Commune) && !r.told(INSEE) {
			r.fail(r.communeField(), "La commune manque.")
		}
	}
	if (r.sheet.Latitude == nil) != (r.sheet.Longitude == nil) {
		r.fail("latitude", "Donnez la latitude et la longitude, ou aucune des deux.")
	}
	r.filled = append(r.filled, Name, SIRET)
	for _, section := range structure.SheetSections {
		if section == structure.Consents {
			continue
		}
		r.sheet = r.sheet.Clean(section)
		for _, p := range r.sheet.Check(section) {
			f := Field(p.Field)
			if f == "horaires" && !slices.Contains(r.filled, f) {
				f = "horaires_osm"
			}
			if slices.Contains(r.filled, f) && !r.told(f) {
				r.fail(f, p.Message)
			}
		}
	}
}

// told tells whether something is said already of the field.
func (r *reader) told(f Field) bool {
	c := r.mapping.Column(f)
	return c >= 0 && slices.ContainsFunc(r.cells, func(b Cell) bool { return b.Column == r.headings[c] })
}

func (p *planner) communeField() Field {
	if p.mapping.Column(Commune) < 0 {
		return INSEE
	}
	return Commune
}
