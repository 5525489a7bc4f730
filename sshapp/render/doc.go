// Package render shows results: in words to people, and as JSON to programs. It reads what it
// shows from the result alone, and tells the visit what was shown.
package render
