package postgres

// PageLength is how many lines a page of a list holds.
const PageLength = 50

// AllPages asks a list for every line that answers, for a file to download.
const AllPages = -1

// lastPage is past the end of any list: a greater number would overflow.
const lastPage = 1_000_000

// Paging says which page of a list is shown, and how many lines it has in all.
type Paging struct {
	Page  int // from 1
	Pages int // at least 1
	Total int
}

// PagingOf returns the paging of a list of total lines.
func PagingOf(page, total int) Paging {
	return Paging{Page: max(page, 1), Pages: max((total+PageLength-1)/PageLength, 1), Total: total}
}

// Limit is how many lines a page holds, as LIMIT takes it: NULL for AllPages.
func Limit(page int) *int {
	if page == AllPages {
		return nil
	}
	n := PageLength
	return &n
}

// Offset is how many lines precede the page; pages before the first, and AllPages,
// are the first, and absurd ones are simply empty.
func Offset(page int) int { return (min(max(page, 1), lastPage) - 1) * PageLength }
