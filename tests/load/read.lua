-- A thing that is read again and again, for wrk: `wrk -s read.lua URL`.
wrk.headers["Authorization"] = os.getenv("MERIDIAN_TOKEN")
