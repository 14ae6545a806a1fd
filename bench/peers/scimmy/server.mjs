// SCIMMY behind its own Express routers, users in memory, as its documentation shows it: node server.mjs PORT
import {randomUUID} from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const users = new Map();

function find(resource) {
    const one = users.get(resource.id);
    if (!one) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
    return one;
}

SCIMMY.Resources.declare(SCIMMY.Resources.User, {
    egress: resource => {
        if (resource.id) return find(resource);
        const all = [...users.values()];
        return resource.filter ? resource.filter.match(all) : all;
    },
    ingress: (resource, data) => {
        const id = resource.id ? find(resource).id : randomUUID();
        const stored = {...JSON.parse(JSON.stringify(data)), id};
        users.set(id, stored);
        return stored;
    },
    degress: resource => {
        users.delete(find(resource).id);
    },
});

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: request => {
        if (request.header("Authorization") !== "Bearer bench") throw new Error("unknown token");
        return "bench";
    },
}));
app.listen(Number(process.argv[2]), "127.0.0.1");
