# The page server, and with another command the workers: see compose.yaml.
FROM python:3.13-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 DIGIT_LAB_HOME=/data
# A worker of Dask does not look for modules where it is started.
ENV PYTHONPATH=/lab
RUN useradd --create-home --uid 10001 lab && mkdir /data && chown lab /data
WORKDIR /lab
COPY requirements.txt requirements.lock requirements-server.txt ./
RUN pip install --require-hashes -r requirements.lock && pip install -r requirements-server.txt
COPY app.py ./
COPY .streamlit .streamlit
COPY core core
COPY ui ui
COPY pages pages
COPY assets assets
COPY docs/reproduction.md docs/reproduction.md
USER lab
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=3s --start-period=40s CMD \
  ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=2)"]
CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]
