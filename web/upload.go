package web

import (
	"context"
	"net/http"
	"time"
)

// How long a form that holds files may take to come, 40 MB at 2 Mbit/s, and then to
// be answered.
const (
	uploadWithin = 3 * time.Minute
	answerWithin = 30 * time.Second
)

// roomFor bounds the body of a request. A route that takes files gives those it
// admits more bytes and more time; anybody else is bounded as everywhere. done
// deletes the temporary files of the form.
func roomFor(w http.ResponseWriter, r *http.Request, limit int64, admitted bool) (done func()) {
	if limit <= maxBody || !admitted || r.Method != http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, min(limit, maxBody))
		return func() {}
	}
	end := time.Now().Add(uploadWithin)
	// Where a deadline cannot be moved, as in a test, there is none.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(end)
	_ = control.SetWriteDeadline(end.Add(answerWithin))
	// Somebody who leaves while sending makes the reading fail, which ends it too.
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), end.Add(answerWithin))
	*r = *r.WithContext(ctx) // in place: the page of an error looks for the form in it
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	return func() {
		cancel()
		// net/http does it for the request it made, not for the copy we read.
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll() // the system empties what is left of /tmp
		}
	}
}
