.PHONY: run test lint coverage bench bench-sftp ci

run:
	go run .
test:
	go test ./...
lint:
	gofmt -l . && go vet ./... && go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
coverage:
	.ci/coverage
bench:
	go test -run '^$$' -bench . -benchtime 2s -timeout 60m ./...
bench-sftp:
	go test -run '^$$' -bench '^BenchmarkSFTP$$' -benchtime 5x -timeout 60m ./e2e/bench
ci:
	.ci/run
