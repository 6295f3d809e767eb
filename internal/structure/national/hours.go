package national

// Hours returns opening hours in OpenStreetMap syntax from what people type in
// French (« du lundi au vendredi de 9h à 12h »), or typed in that syntax; "" and
// false when it is not sure to have understood everything.
func Hours(text string) (osm string, ok bool) { return "", false }

// HoursFrench returns hours in OpenStreetMap syntax as lines in French; false when
// it uses more of the syntax than Hours writes.
func HoursFrench(osm string) (lines []string, ok bool) { return nil, false }
