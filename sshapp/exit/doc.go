// Package exit has the reasons for which sessions end, and their exit statuses.
package exit
