// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {Economy} from "./support/Economy.sol";
import {Invariants} from "./support/Invariants.sol";

/// Drives the registry at random, and keeps by itself what it should know.
contract LineageHandler is Economy {
    struct Node {
        uint256 place; // in the order of registration
        uint8 flags;
        uint256 royaltyPpm;
        bool disputed;
        bool isBase;
        bytes32[] parents;
    }

    uint256 public places;
    bytes32[] internal datanets;
    bytes32[] internal bases;
    bytes32[] internal models; // bases too
    mapping(bytes32 id => Node) internal nodes;

    function start() external {
        setUp();
        vm.prank(GOVERNOR);
        registry.setFlagger(address(this), true);
        for (uint256 i; i < 3; ++i) {
            createDatanet(2 * i + 3, 0);
            registerBase(3, 0, 0, false);
        }
    }

    function createDatanet(uint256 flags, uint256 royaltyPpm) public {
        ILineageRegistry.DatanetTerms memory terms = datanetTerms(string(abi.encode(places)));
        terms.licenceFlags = uint8(flags % 8);
        terms.royaltyPpm = uint32(bound(royaltyPpm, 0, 300_000));
        bytes32 id = registry.createDatanet(terms);
        datanets.push(id);
        keep(id, terms.licenceFlags, terms.royaltyPpm);
    }

    function registerBase(uint256 flags, uint256 royaltyPpm, uint256 seed, bool withDatanets) public {
        register(ILineageRegistry.ModelKind.Base, flags, royaltyPpm, seed, withDatanets ? 2 : 0);
    }

    function registerDerived(uint256 flags, uint256 royaltyPpm, uint256 seed, bool head) external {
        ILineageRegistry.ModelKind kind = head ? ILineageRegistry.ModelKind.Head : ILineageRegistry.ModelKind.Adapter;
        register(kind, flags, royaltyPpm, seed, seed % 3);
    }

    function setDisputeFlag(uint256 seed, bool flagged) external {
        bytes32 id = seed % 2 == 0 ? datanets[seed % datanets.length] : models[seed % models.length];
        registry.setDisputeFlag(id, flagged, "why");
        nodes[id].disputed = flagged;
    }

    function transfer(uint256 seed, address to) external {
        bytes32 id = models[seed % models.length];
        if (to == address(0) || registry.ownerOf(id) != address(this)) return;
        registry.transfer(id, to);
    }

    function register(
        ILineageRegistry.ModelKind kind,
        uint256 flags,
        uint256 royaltyPpm,
        uint256 seed,
        uint256 count
    ) internal {
        bool isBase = kind == ILineageRegistry.ModelKind.Base;
        bytes32[] memory ids = pick(seed, count);
        uint256 first = isBase ? 0 : 1;
        ILineageRegistry.Parent[] memory parents = new ILineageRegistry.Parent[](first + ids.length);
        bytes32 base = isBase ? bytes32(0) : bases[seed % bases.length];
        if (!isBase) parents[0].id = base;
        for (uint256 i; i < ids.length; ++i) parents[first + i] = ILineageRegistry.Parent(ids[i], uint64(block.number));
        ILineageRegistry.ModelTerms memory terms = modelTerms(kind, parents);
        terms.name = string(abi.encode(places));
        terms.licenceFlags = uint8(flags % 8);
        terms.royaltyPpm = uint32(bound(royaltyPpm, 0, 500_000));
        bytes32 id = registry.modelIdOf(address(this), terms);

        Node storage node = nodes[id];
        for (uint256 i; i < parents.length; ++i) node.parents.push(parents[i].id);
        node.royaltyPpm = terms.royaltyPpm;
        bool allowed = stackOf(id) <= 1_000_000;
        for (uint256 i; i < parents.length; ++i) allowed = allowed && allows(parents[i].id, terms.licenceFlags);
        try registry.registerModel(terms) {
            require(allowed, "registered against the rules");
            models.push(id);
            if (isBase) bases.push(id);
            node.isBase = isBase;
            keep(id, terms.licenceFlags, terms.royaltyPpm);
        } catch {
            require(!allowed, "refused within the rules");
            delete nodes[id];
        }
    }

    function keep(bytes32 id, uint8 flags, uint256 royaltyPpm) internal {
        Node storage node = nodes[id];
        require(node.place == 0, "an id was given twice");
        (node.place, node.flags, node.royaltyPpm) = (++places, flags, royaltyPpm);
    }

    /// Up to `count` different Datanets, ascending.
    function pick(uint256 seed, uint256 count) internal view returns (bytes32[] memory ids) {
        if (count == 0 || datanets.length == 0) return ids;
        bytes32 one = datanets[(seed >> 8) % datanets.length];
        bytes32 two = datanets[(seed >> 16) % datanets.length];
        if (count == 1 || one == two) {
            ids = new bytes32[](1);
            ids[0] = one;
            return ids;
        }
        ids = new bytes32[](2);
        (ids[0], ids[1]) = one < two ? (one, two) : (two, one);
    }

    function allows(bytes32 id, uint8 flags) internal view returns (bool) {
        Node storage parent = nodes[id];
        if (parent.disputed || parent.flags & 1 == 0) return false;
        if (flags & 2 != 0 && parent.flags & 2 == 0) return false;
        return parent.flags & 4 == 0 || flags == parent.flags;
    }

    /// Royalties of all ancestors, each once, walking the whole graph.
    function stackOf(bytes32 id) internal view returns (uint256 sumPpm) {
        bytes32[] memory seen = new bytes32[](8);
        uint256 count = collect(id, seen, 0);
        for (uint256 i; i < count; ++i) sumPpm += nodes[seen[i]].royaltyPpm;
    }

    function collect(bytes32 id, bytes32[] memory seen, uint256 count) internal view returns (uint256) {
        for (uint256 i; i < count; ++i) if (seen[i] == id) return count;
        seen[count++] = id;
        bytes32[] storage parents = nodes[id].parents;
        for (uint256 i; i < parents.length; ++i) count = collect(parents[i], seen, count);
        return count;
    }

    // For the invariants

    function royaltiesHold() external view returns (bool) {
        for (uint256 i; i < models.length; ++i) {
            uint256 stackPpm = registry.modelOf(models[i]).royaltyStackPpm;
            if (stackPpm != stackOf(models[i]) || stackPpm > 1_000_000) return false;
        }
        return true;
    }

    function parentsAreOlder() external view returns (bool) {
        for (uint256 i; i < models.length; ++i) {
            Node storage node = nodes[models[i]];
            for (uint256 j; j < node.parents.length; ++j) {
                uint256 place = nodes[node.parents[j]].place;
                if (place == 0 || place >= node.place) return false;
            }
        }
        return true;
    }

    function basesHold() external view returns (bool) {
        for (uint256 i; i < models.length; ++i) {
            bytes32 base = registry.baseOf(models[i]);
            bytes32 expected = nodes[models[i]].isBase ? models[i] : nodes[models[i]].parents[0];
            if (base != expected || !nodes[base].isBase) return false;
        }
        return true;
    }

    function flagsHold() external view returns (bool) {
        for (uint256 i; i < models.length; ++i) {
            ILineageRegistry.Model memory model = registry.modelOf(models[i]);
            if (model.isDisputed != nodes[models[i]].disputed || model.licenceFlags != nodes[models[i]].flags)
                return false;
        }
        for (uint256 i; i < datanets.length; ++i) {
            ILineageRegistry.Datanet memory datanet = registry.datanetOf(datanets[i]);
            Node storage node = nodes[datanets[i]];
            if (datanet.isDisputed != node.disputed || datanet.licenceFlags != node.flags) return false;
        }
        return true;
    }
}

contract LineageInvariants is Invariants {
    LineageHandler internal handler;

    function setUp() public {
        handler = new LineageHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](5);
        selectors[0] = LineageHandler.createDatanet.selector;
        selectors[1] = LineageHandler.registerBase.selector;
        selectors[2] = LineageHandler.registerDerived.selector;
        selectors[3] = LineageHandler.setDisputeFlag.selector;
        selectors[4] = LineageHandler.transfer.selector;
        target(address(handler), selectors);
    }

    function invariant_RoyaltiesOfAllAncestorsCountOnceAndStayWithinTheWhole() public view {
        require(handler.royaltiesHold(), "royalties");
    }

    function invariant_NothingIsItsOwnAncestor() public view {
        require(handler.parentsAreOlder(), "a parent is younger than its child");
    }

    function invariant_EveryModelRunsOnTheBaseItNamed() public view {
        require(handler.basesHold(), "bases");
    }

    function invariant_FlagsAreThoseThatWereSet() public view {
        require(handler.flagsHold(), "flags");
    }
}
