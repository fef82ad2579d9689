# One image for web, workers and clock. `docker run -p 8000:8000 tandem` is the demo, everything embedded.
FROM python:3.12-slim

RUN useradd --create-home --uid 10001 tandem
WORKDIR /srv/tandem
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN install -d -o tandem -g tandem /var/lib/tandem

USER tandem
ENV TANDEM_STATE_DIR=/var/lib/tandem/state TANDEM_BIND=0.0.0.0 PORT=8000 PYTHONUNBUFFERED=1
VOLUME /var/lib/tandem
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:%s/healthz' % os.environ['PORT'], headers={'Host': os.environ.get('TANDEM_HOSTS', 'localhost').split(',')[0], 'X-Forwarded-Proto': 'https'}), timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["python", "manage.py", "up"]
