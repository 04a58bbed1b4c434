# What to run: `make test` proves everything, `make lab` shows it. Both set up what they need by themselves.
# While working: `make quick`, and `make story T=care` for one module of the lab. CONTRIBUTING.md tells more.

SUITE ?= bookworm
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AUDIT := .venv-audit
RELEASE := .venv-release
SITE := .venv-site
CONTRACT := .venv-contract
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Debian packages that the lab and the tests run with; `vagrant` only validates the Vagrantfile, `openssl` makes a certificate.
SYSTEM := chromium-headless-shell fonts-dejavu-core openssl mmdebstrap systemd-container apt-utils debian-archive-keyring nftables iproute2 iputils-ping openssh-client vagrant

.PHONY: began setup system test quick pure story soak lint types audit release site pictures contract images lab lab-stop bench wizard messages lock clean

setup: system $(VENV)/ready

system:
	@missing=""; for package in $(SYSTEM); do \
	    dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
	done; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing="$$missing python3-venv"; \
	test -z "$$missing" && exit 0; \
	if [ "$$(id -u)" != 0 ]; then echo "NOT INSTALLED (not root):$$missing; what needs them will be skipped" >&2; exit 0; fi; \
	echo "installing:$$missing"; export DEBIAN_FRONTEND=noninteractive; \
	apt-get -qq update && apt-get -qq -y install --no-install-recommends $$missing >/dev/null

$(VENV)/ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

# Everything that must hold before a merge. What was compiled is kept, whatever the environment says: else each of some
# thousand processes compiles the product anew.
test story soak: export PYTHONDONTWRITEBYTECODE :=
test: began setup $(AUDIT)/ready $(SITE)/ready
	$(BIN)/python -m tests.everything

began:
	@mkdir -p .lab && touch .lab/began

# One module of the lab, on hosts that stay up for the next time; `make lab-stop` ends them.
story: $(VENV)/ready
	$(BIN)/python -m pytest tests/lab/test_$(T).py --warm -m "not soak"

# Statistics: series of failovers, moves and healings, all planted faults; for the figures in docs/.
soak: setup images
	$(BIN)/python -m pytest -m soak -n 2 --dist loadgroup --no-loadscope-reorder -rP
	$(BIN)/python -m tests.bench.moves
	$(BIN)/python -m tests.bench.soak

# The inner loop, for anybody and beside anything: no lab, no root, a twentieth of the examples, a quarter of long tables, no
# test that starts whole programs.
quick: $(VENV)/ready
	@$(MAKE) --no-print-directory --jobs=3 --keep-going --output-sync=target lint types pure

# What was compiled is kept, whatever the environment says: else every process compiles everything, hypothesis too.
pure: export PYTHONDONTWRITEBYTECODE :=
pure: export PYTHONPYCACHEPREFIX := $(CURDIR)/.pytest_cache/compiled
pure: $(VENV)/ready
	$(BIN)/python -m pytest --lab=none --examples=few -m "not programs" --quiet -n 3 --dist worksteal \
	    tests/unit tests/facts tests/web

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

# bandit, semgrep and wapiti: heavy, and at odds with our own packages, so in an environment of their own.
$(AUDIT)/ready: tests/audit/audit.lock
	test -x $(AUDIT)/bin/python || $(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r tests/audit/audit.lock
	touch $@

audit: $(VENV)/ready $(AUDIT)/ready
	$(BIN)/python -m tests.audit

# twine, which only a release asks for: in an environment of its own, too.
$(RELEASE)/ready: tests/release/release.lock
	test -x $(RELEASE)/bin/python || $(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	touch $@

# Wheel, sdist, manual page and checksums in dist/, of a commit whose tag, file and CHANGELOG.md agree. Uploads nothing.
release: setup $(RELEASE)/ready
	$(BIN)/python -m tests.release

# Sphinx and its theme, which only the site asks for: in an environment of its own, too.
$(SITE)/ready: tests/site/site.lock
	test -x $(SITE)/bin/python || $(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	touch $@

# The pages of docs/ as a site in .lab/site/html, English and Russian; every link within it leads somewhere.
site: $(VENV)/ready $(SITE)/ready
	$(BIN)/python -m tests.site

# The screenshots of docs/, taken anew of the wizard with real hosts.
pictures: setup
	$(BIN)/python -m pytest -n 0 -q tests/lab/pictures.py

# Each inside of pyinfra that is used, tried with its newest release: whether the pin can be moved, in one commit.
contract:
	test -x $(CONTRACT)/bin/python || $(PYTHON) -m venv $(CONTRACT)
	$(CONTRACT)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements.lock
	$(CONTRACT)/bin/python -m pip --disable-pip-version-check --quiet install --upgrade pyinfra
	$(CONTRACT)/bin/python -m pip --disable-pip-version-check list | grep -i pyinfra
	$(CONTRACT)/bin/python -m pytest --lab=none --examples=few -q tests/unit/test_pyinfra.py tests/unit/test_inputs.py

# All Debian trees side by side, and the states of hosts that stories begin in.
images: $(VENV)/ready
	@test "$$(id -u)" != 0 || $(BIN)/python -m lab images

# Boot d1, d2 and client, deploy, cut the cable of the server that holds the address, tell what happened.
lab: setup
	$(BIN)/python -m lab story --suite $(SUITE) --keep

lab-stop:
	$(PYTHON) -m lab down

bench: setup
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.fleet

# After a sentence was added or changed: the catalogue gets it, to be translated there by hand, and is compiled.
messages: $(VENV)/ready
	$(BIN)/python -m floatip.language

# The wizard, with hosts to practise on where this machine can boot them; it serves for real servers all the same.
wizard: setup
	$(BIN)/python -m lab up --suite $(SUITE) >&2 || echo "No practice servers were started (see above)." >&2
	$(BIN)/python -m floatip wizard

# The pinned versions of everything that setup installs, with their hashes.
lock:
	$(PIP) install uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev \
	    --no-emit-index-url --no-header --quiet --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --group audit \
	    --no-emit-index-url --no-header --quiet --output-file tests/audit/audit.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --group release \
	    --no-emit-index-url --no-header --quiet --output-file tests/release/release.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --group site \
	    --no-emit-index-url --no-header --quiet --output-file tests/site/site.lock

clean: lab-stop
	rm -rf .venv .venv-audit .venv-release .venv-site .venv-contract dist .lab .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build
